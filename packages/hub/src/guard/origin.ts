/**
 * Who may ask: requests that name this machine's loopback as their host, and, when a browser says where it comes from,
 * only the hub's own pages. A page on the web that lets its own name resolve to 127.0.0.1 (DNS rebinding) sends its own
 * name as Host and its own address as Origin, and is refused.
 */

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a Host header (or HTTP/2 :authority) names the loopback. HTTP/1.1 demands one: a missing one is refused. */
export function isAllowedHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host)?.[1];
  return name !== undefined && LOOPBACK.has(name.toLowerCase());
}

/**
 * Whether an Origin header may ask. No Origin means no browser, or a browser's own navigation. `ownPort` is the port of
 * the listener whose pages may ask; undefined where no page has business.
 */
export function isAllowedOrigin(origin: string | undefined, ownPort: number | undefined): boolean {
  if (origin === undefined) return true;
  if (ownPort === undefined || !URL.canParse(origin)) return false;
  const { protocol, hostname, port } = new URL(origin);
  return protocol === 'http:' && LOOPBACK.has(hostname) && Number(port === '' ? 80 : port) === ownPort;
}
