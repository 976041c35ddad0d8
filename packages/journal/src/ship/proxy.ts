/**
 * Which proxy stands before an endpoint, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY. These variables have no standard;
 * this is what Go's net/http does, and with it the OpenTelemetry Collector: loopback is never asked of a proxy, an
 * entry of NO_PROXY is a name with all names below it, a name with a dot in front for those below it alone, an address,
 * a network in CIDR notation, or `*`; names and addresses may end in a port. Other entries are passed over.
 */
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** The three variables as texts; '' for one that is not set. */
export interface ProxySettings {
  readonly https: string;
  readonly http: string;
  readonly except: string;
}

export const NO_PROXIES: ProxySettings = Object.freeze({ https: '', http: '', except: '' });

export interface ProxyServer {
  readonly url: URL;
  /** Value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/** `address` as it stands in HTTPS_PROXY or HTTP_PROXY; undefined when it is no proxy that is spoken to by HTTP. */
export function readProxy(address: string): ProxyServer | undefined {
  const text = address.trim();
  // `host:port` alone is a proxy by HTTP, though `host:` could be a scheme.
  const full = text.includes('://') ? text : `http://${text}`;
  if (text === '' || !URL.canParse(full)) return undefined;
  const url = new URL(full);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return undefined;
  return { url, authorization: basicOf(url) };
}

/** Value of an Authorization header for the user in a URL. */
export function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const plain = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `isTunnelled` when the endpoint is to be reached by CONNECT, whatever its scheme. */
export function proxyFor(
  endpoint: URL,
  isTunnelled: boolean,
  { https, http, except }: ProxySettings,
): ProxyServer | undefined {
  const proxy = readProxy(isTunnelled ? https : http);
  return proxy === undefined || isExcepted(endpoint, except) ? undefined : proxy;
}

interface Target {
  readonly host: string;
  readonly port: string;
  /** 4, 6, or 0 for a name. */
  readonly family: number;
}

/** Whether an endpoint is asked without a proxy: it is this machine, or in NO_PROXY. */
export function isExcepted(endpoint: URL, except: string): boolean {
  const host = bare(endpoint.hostname).replace(/\.$/, '');
  const port = endpoint.port === '' ? (endpoint.protocol === 'https:' ? '443' : '80') : endpoint.port;
  const target = { host, port, family: isIP(host) };
  if (host === 'localhost' || isWithin(target, LOOPBACK)) return true;
  return except.split(/[\s,]+/).some((entry) => entry !== '' && matches(target, entry.toLowerCase()));
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const isWithin = ({ host, family }: Target, list: BlockList): boolean =>
  family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');

/** A name, an address, or one of IPv6 in brackets, and a port. */
const HOST = /^(\[[^\]]*\]|[^:/?#@\\]*)(?::(\d+))?$/;

function matches(target: Target, entry: string): boolean {
  if (entry === '*') return true;
  const network = networkOf(entry);
  if (network !== undefined) return isWithin(target, network);
  // Without brackets around it, an address of IPv6 has no port behind it.
  const [, named = '', port = ''] = isIP(entry) === 6 ? ['', entry] : (HOST.exec(entry) ?? []);
  if (port !== '' && port !== target.port) return false;
  const host = bare(named);
  const family = isIP(host);
  if (family !== 0) {
    const address = new BlockList();
    address.addAddress(host, family === 4 ? 'ipv4' : 'ipv6');
    return isWithin(target, address);
  }
  const name = ascii(host.replace(/^\*(?=\.)/, ''));
  if (name === '' || name === '.') return false;
  return name.startsWith('.')
    ? target.host.endsWith(name)
    : target.host === name || target.host.endsWith(`.${name}`);
}

/** As URLs write names. */
function ascii(name: string): string {
  const dot = name.startsWith('.') ? '.' : '';
  return dot + domainToASCII(name.slice(dot.length));
}

/** `address/prefix`. */
function networkOf(entry: string): BlockList | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  const prefix = Number(digits);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return list;
}
