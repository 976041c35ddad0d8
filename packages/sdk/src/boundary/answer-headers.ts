/** Headers of ours in an answer, whichever way the application gives its own. */
import type { ServerResponse } from 'node:http';
import { CLOCK_HEADER } from '../clock/answer-clock.ts';

export type Header = readonly [name: string, value: string];

/**
 * The arguments of `writeHead` behind the status, with our headers among them, unless the application has set its own.
 * Set before, they would cost more: Node writes headers given here as they stand, but takes them apart and copies them
 * once a single one was set; and lists of pairs it then refuses.
 *
 * `clock` is not for the application to say: what it has of that comes from another server, whose answer it passes on.
 */
export function withHeaders(
  response: ServerResponse,
  rest: readonly unknown[],
  own: readonly Header[],
  clock: string | undefined,
): readonly unknown[] {
  const all: readonly Header[] = clock === undefined ? own : [...own, [CLOCK_HEADER, clock]];
  const hasReason = typeof rest[0] === 'string';
  const given = withoutClock(hasReason ? rest[1] : (rest[1] ?? rest[0]));
  const behind = (headers: unknown): readonly unknown[] => (hasReason ? [rest[0], headers] : [headers]);
  if (response.getHeaderNames().length > 0) {
    response.removeHeader(CLOCK_HEADER);
    for (const [name, value] of all) if (!response.hasHeader(name)) response.setHeader(name, value);
    return behind(given);
  }
  return behind(Array.isArray(given) ? listWith(given, all) : objectWith(given, all));
}

/** As it is, unless there is something to leave out. */
function withoutClock(given: unknown): unknown {
  if (Array.isArray(given))
    return given.some((one) => isClock(nameOf(one))) ? listWithoutClock(given) : given;
  if (typeof given !== 'object' || given === null || !Object.keys(given).some(isClock)) return given;
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isClock(name)));
}

const listWithoutClock = (given: readonly unknown[]): readonly unknown[] =>
  given.filter((one, i) => !isClock(hasPairs(given) ? nameOf(one) : given[i - (i % 2)]));

/** Of a pair, or what stands in its place. */
const nameOf = (one: unknown): unknown => (Array.isArray(one) ? one[0] : one);

const isClock = (name: unknown): boolean => isName(name, CLOCK_HEADER);

function objectWith(given: unknown, own: readonly Header[]): unknown {
  const headers: Record<string, unknown> = { ...(given as Record<string, unknown> | undefined) };
  const names = Object.keys(headers);
  for (const [name, value] of own) if (!names.some((one) => isName(one, name))) headers[name] = value;
  return headers;
}

/** Names and values in turn, or pairs of them. */
function listWith(given: readonly unknown[], own: readonly Header[]): unknown {
  const isPaired = hasPairs(given);
  const names = isPaired ? given.map((pair) => (pair as unknown[])[0]) : given.filter((_, i) => i % 2 === 0);
  const missing = own.filter(([name]) => !names.some((one) => isName(one, name)));
  return [...given, ...(isPaired ? missing : missing.flat())];
}

const hasPairs = (given: readonly unknown[]): boolean => Array.isArray(given[0]);

const isName = (given: unknown, name: string): boolean =>
  typeof given === 'string' &&
  given.length === name.length &&
  (given === name || given.toLowerCase() === name);
