/** Addresses as attributes, without what may be secret: user names, passwords, values of query parameters. */

const REDACTED = 'REDACTED';

/** `a=1&b=2` as `a=REDACTED&b=REDACTED`: names tell what was asked, values may be anybody's. */
export function redactQuery(query: string): string {
  return query
    .split('&')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? part : `${part.slice(0, at)}=${REDACTED}`;
    })
    .join('&');
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
