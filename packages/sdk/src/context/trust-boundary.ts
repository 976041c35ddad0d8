/**
 * Two ways across the trust boundary: a request from callers whom nobody vouches for, and one to a host that is not
 * ours. Who makes the crossing marks the context; the propagator heeds the mark on the way in and on the way out.
 */
import { BlockList, isIP } from 'node:net';
import { type Context, createContextKey } from '@opentelemetry/api';

const OUTSIDE = createContextKey('aode.outside');

/** The context for an extraction from, or an injection for, somebody outside. */
export function fromOutside(context: Context): Context {
  return context.setValue(OUTSIDE, true);
}

export function isOutside(context: Context): boolean {
  return context.getValue(OUTSIDE) === true;
}

export function inside(context: Context): Context {
  return context.deleteValue(OUTSIDE);
}

export type HostTrust = (host: string) => boolean;

/** Names that exist in no public zone: RFC 6761, 6762, 8375, ICANN's `.internal`, and Kubernetes' services. */
const PRIVATE_SUFFIXES = ['.localhost', '.local', '.internal', '.home.arpa', '.svc'];

const PRIVATE_ADDRESSES = new BlockList();
PRIVATE_ADDRESSES.addSubnet('127.0.0.0', 8, 'ipv4');
PRIVATE_ADDRESSES.addAddress('::1', 'ipv6');
// RFC 1918 and RFC 4193. Link-local is left out: there sits the cloud's metadata service, which is not ours.
PRIVATE_ADDRESSES.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE_ADDRESSES.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE_ADDRESSES.addSubnet('192.168.0.0', 16, 'ipv4');
PRIVATE_ADDRESSES.addSubnet('fc00::', 7, 'ipv6');

/** Verdicts are kept, because a service calls few hosts often; one that calls many must not fill the memory. */
const VERDICTS_MAX = 1000;

/**
 * Patterns: `*` all · `private` loopback, private addresses, names without a dot or of a private zone · `name` that
 * very host · `*.name` those below it. `none` matches nothing.
 */
export function createHostTrust(patterns: readonly string[]): HostTrust {
  const verdicts = new Map<string, boolean>();
  const wanted = patterns.map((pattern) => pattern.toLowerCase());
  return (host) => {
    const known = verdicts.get(host);
    if (known !== undefined) return known;
    const plain = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
    const verdict = wanted.some((pattern) => matches(plain, pattern));
    if (verdicts.size === VERDICTS_MAX) verdicts.clear();
    verdicts.set(host, verdict);
    return verdict;
  };
}

function matches(host: string, pattern: string): boolean {
  if (pattern === '*') return true;
  if (pattern === 'private') return isPrivate(host);
  if (pattern.startsWith('*.')) return host.endsWith(pattern.slice(1)) && isIP(host) === 0;
  return pattern !== 'none' && host === pattern;
}

function isPrivate(host: string): boolean {
  const family = isIP(host);
  if (family !== 0) return PRIVATE_ADDRESSES.check(host, family === 6 ? 'ipv6' : 'ipv4');
  return host !== '' && (!host.includes('.') || PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix)));
}
