/** Addresses as attributes, without what may be secret: user names, passwords, values of query parameters. */

const REDACTED = 'REDACTED';

/** `a=1&b=2` as `a=REDACTED&b=REDACTED`: names tell what was asked, values may be anybody's. */
export function redactQuery(query: string): string {
  let shown = '';
  let from = 0;
  while (from <= query.length) {
    const and = query.indexOf('&', from);
    const end = and < 0 ? query.length : and;
    const at = query.indexOf('=', from);
    if (from > 0) shown += '&';
    shown += at < 0 || at >= end ? query.slice(from, end) : `${query.slice(from, at)}=${REDACTED}`;
    from = end + 1;
  }
  return shown;
}

/** An absolute URL without user info, query values and fragment. */
export function redactUrl(url: URL): string {
  const user = url.username === '' && url.password === '' ? '' : `${REDACTED}:${REDACTED}@`;
  const query = url.search === '' ? '' : `?${redactQuery(url.search.slice(1))}`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${query}`;
}

/** Host name or address; that of IPv6 without the brackets of its URL. */
export function addressOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
