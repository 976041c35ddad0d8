/** The token that senders show, where the hub has one: `Authorization: Bearer TOKEN` (RFC 6750, § 2.1). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AodeError } from '@aode/base';

/** What a header can carry, and no longer than a usual limit of headers has room for. */
const TOKEN = /^[!-~]{1,512}$/;
const BEARER = /^Bearer +([!-~]{1,512}) *$/i;

/** Whether a request with this Authorization header may send. */
export type TokenGuard = (authorization: string | undefined) => boolean;

/** Without a token everybody may. Throws AODE_TOKEN_INVALID when nobody could show it. */
export function tokenGuard(token: string | undefined): TokenGuard {
  if (token === undefined) return () => true;
  if (!TOKEN.test(token)) throw new AodeError('AODE_TOKEN_INVALID');
  const wanted = digest(token);
  return (authorization) => {
    const shown = BEARER.exec(authorization ?? '')?.[1];
    // Digests have one length, and their bytes say nothing about how much of the token was right.
    return shown !== undefined && timingSafeEqual(digest(shown), wanted);
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
