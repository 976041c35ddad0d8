/**
 * Where a request goes, as attributes want it: without user info, query values and fragment. Read by hand where the URL
 * standard says that nothing of it changes, which is nearly always; else by `URL`. Bench: bench/hop.bench.ts.
 */
import { addressOf, redactQuery, redactUrl } from './redact.ts';

export interface Target {
  /** `url.full`. */
  readonly full: string;
  /** As in the URL: IPv6 in its brackets. */
  readonly hostname: string;
  /** `server.address`: IPv6 without them. */
  readonly address: string;
  readonly port: number;
}

/** All of a target but its path and query. */
interface Origin {
  /** `scheme://host:port`; undefined when it is no plain origin, so that the whole has to be read as one. */
  readonly prefix: string | undefined;
  readonly hostname: string;
  readonly address: string;
  readonly port: number;
}

/** A service calls few others; one that calls many must not fill the memory. */
const ORIGINS_MAX = 1000;
const origins = new Map<string, Origin>();

/** Undefined for what is no URL. `origin` is `scheme://authority`. */
export function targetOf(origin: string, path: string): Target | undefined {
  const { prefix, hostname, address, port } = originOf(origin);
  const query = prefix === undefined ? -1 : plainQueryAt(path);
  if (prefix === undefined || query < 0) return targetByUrl(origin + path);
  const full =
    query === path.length
      ? prefix + path
      : query === path.length - 1
        ? prefix + path.slice(0, query)
        : `${prefix}${path.slice(0, query)}?${redactQuery(path.slice(query + 1))}`;
  return { full, hostname, address, port };
}

function targetByUrl(text: string): Target | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  return { full: redactUrl(url), hostname: url.hostname, address: addressOf(url), port: portOf(url) };
}

const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);

function originOf(text: string): Origin {
  const known = origins.get(text);
  if (known !== undefined) return known;
  const url = URL.parse(`${text}/`);
  // More than an origin, or schemes of which the standard reads the path in other ways.
  const isPlain =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.pathname === '/' &&
    !text.includes('?') &&
    !text.includes('#');
  const made: Origin = {
    prefix: isPlain ? redactUrl(url).slice(0, -1) : undefined,
    hostname: url?.hostname ?? '',
    address: url === null ? '' : addressOf(url),
    port: url === null ? 0 : portOf(url),
  };
  if (origins.size === ORIGINS_MAX) origins.clear();
  origins.set(text, made);
  return made;
}

/**
 * Where the query of a path begins, its length when it has none; -1 when `URL` would write the path in another way:
 * characters that it encodes, and segments that begin with a dot, which may be `.` and `..` (`%2e` likewise).
 */
function plainQueryAt(path: string): number {
  const { length } = path;
  if (path.charCodeAt(0) !== SLASH) return -1;
  let query = length;
  for (let i = 0; i < length; i += 1) {
    const code = path.charCodeAt(i);
    if (code > 127 || PLAIN[code] === 0) return -1;
    if (code === QUESTION && query === length) query = i;
    else if (query === length && (code === PERCENT || (code === DOT && path.charCodeAt(i - 1) === SLASH)))
      return -1;
  }
  return query;
}

const SLASH = 47;
const DOT = 46;
const PERCENT = 37;
const QUESTION = 63;

/** ASCII that a path and a query have as it is (URL standard, § path percent-encode set, special-query). */
const PLAIN = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&()*+,;=:@/?%[]|') {
  PLAIN[char.charCodeAt(0)] = 1;
}
