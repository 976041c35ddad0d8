/**
 * The `tracestate` header of W3C Trace Context, level 2 (§ 3.3): a list of `key=value` of different vendors, newest
 * first, passed on as it came but for one's own member, which moves to the front.
 */

import { trimBlanks } from './remote-trace.ts';

/** Most members (§ 3.3.1.1). */
const MEMBERS_MAX = 32;
/** A list of this length must be passed on; of a longer one, whole members may be left out (§ 3.3.1.5). */
const CHARS_MAX = 512;
/** Members longer than this go first when there is too much (§ 3.3.1.5). */
const LONG_MEMBER_CHARS = 128;

const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** Printable ASCII without comma and equals sign, not ending in a blank. */
const VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** In their order; keys are distinct. */
export type TraceStateMembers = readonly (readonly [key: string, value: string])[];

/**
 * Members of one or several headers joined by commas. Undefined when any is invalid, a key comes twice or there are too
 * many: then the whole list must be dropped, while traceparent stands.
 */
export function parseTracestate(header: string): TraceStateMembers | undefined {
  const members: [string, string][] = [];
  const seen = new Set<string>();
  for (const part of header.split(',')) {
    const member = trimBlanks(part);
    if (member === '') continue;
    const at = member.indexOf('=');
    const key = member.slice(0, Math.max(0, at));
    const value = member.slice(at + 1);
    if (!KEY.test(key) || !VALUE.test(value) || seen.has(key) || members.length === MEMBERS_MAX)
      return undefined;
    seen.add(key);
    members.push([key, value]);
  }
  return members;
}

/** Whether a header has room for all of them. */
export function fitsTracestate(members: TraceStateMembers): boolean {
  let chars = members.length - 1;
  for (const [key, value] of members) chars += key.length + value.length + 1;
  return members.length <= MEMBERS_MAX && chars <= CHARS_MAX;
}

/** The header for these members, '' for none; beyond the limits long members go first, then the oldest. */
export function formatTracestate(members: TraceStateMembers): string {
  // Nearly always; written out, because it is done for each message.
  if (fitsTracestate(members)) {
    let header = '';
    for (const [key, value] of members) header += header === '' ? `${key}=${value}` : `,${key}=${value}`;
    return header;
  }
  const kept = members.slice(0, MEMBERS_MAX).map(([key, value]) => `${key}=${value}`);
  const chars = (): number => kept.join(',').length;
  for (let i = kept.length - 1; i >= 0 && chars() > CHARS_MAX; i -= 1) {
    if ((kept[i]?.length ?? 0) > LONG_MEMBER_CHARS) kept.splice(i, 1);
  }
  while (chars() > CHARS_MAX) kept.pop();
  return kept.join(',');
}
