/**
 * W3C Baggage and Jaeger's `uberctx-` headers: what the application says of a request, to be known all along its way.
 * With an allow-list only its keys are taken in or sent; what is left behind is counted.
 */
import { JAEGER_BAGGAGE_PREFIX } from '@aode/wire';
import { type Baggage, type BaggageEntry, baggageEntryMetadataFromString } from '@opentelemetry/api';
import type { Losses } from '../losses.ts';
import type { HeaderSource, HeaderTarget } from './header-format.ts';

export const BAGGAGE = 'baggage';
/** Limits of W3C Baggage § 3.3.2. */
const ENTRIES_MAX = 64;
const BYTES_MAX = 8192;

const KEY = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What may stand behind a value: the application's word, which must not become another member or header. */
const PROPERTIES = /^[!-+\--~ \t]+$/;

export interface BaggageRules {
  /** Undefined: all. */
  readonly allow: ReadonlySet<string> | undefined;
  readonly losses: Losses;
}

type Entries = Record<string, BaggageEntry>;

/** '' when nothing is to be sent. */
export function formatBaggage(baggage: Baggage, rules: BaggageRules): string {
  let header = '';
  let dropped = 0;
  for (const [key, { value, metadata }] of sendable(baggage, rules)) {
    const properties = metadata?.toString() ?? '';
    const behind = PROPERTIES.test(properties) ? `;${properties}` : '';
    const member = `${key}=${encodeURIComponent(value.toWellFormed())}${behind}`;
    if (header.length + 1 + member.length > BYTES_MAX) dropped += 1;
    else header += header === '' ? member : `,${member}`;
  }
  if (dropped > 0) rules.losses.add('baggage_dropped', dropped);
  return header;
}

/** Undefined when there is none. */
export function readBaggage(source: HeaderSource, rules: BaggageRules): Entries | undefined {
  const header = source.getter.get(source.carrier, BAGGAGE);
  if (header === undefined || header.length === 0) return undefined;
  return parse(Array.isArray(header) ? header.join(',') : header, rules);
}

function parse(header: string, rules: BaggageRules): Entries | undefined {
  const entries: [string, BaggageEntry][] = [];
  const counts = { invalid: 0, dropped: 0 };
  for (const member of wholeMembers(header, counts)) {
    const [pair = '', ...properties] = member.split(';');
    if (pair.trim() === '' && properties.length === 0) continue;
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, at)).trim();
    const value = decode(pair.slice(at + 1).trim());
    if (!KEY.test(key) || value === undefined) counts.invalid += 1;
    else if (entries.length === ENTRIES_MAX || rules.allow?.has(key) === false) counts.dropped += 1;
    else {
      const metadata = properties.join(';').trim();
      entries.push([
        key,
        metadata === '' ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) },
      ]);
    }
  }
  return counted(entries, counts, rules);
}

/** A member that the limit would cut in two is left out: half a value is a wrong one. */
function wholeMembers(header: string, counts: { dropped: number }): readonly string[] {
  if (header.length <= BYTES_MAX) return header.split(',');
  counts.dropped += 1;
  return header.slice(0, Math.max(0, header.lastIndexOf(',', BYTES_MAX))).split(',');
}

/** Jaeger's form: a header an entry. Undefined when there is none. */
export function readJaegerBaggage(
  { carrier, getter }: HeaderSource,
  rules: BaggageRules,
): Entries | undefined {
  const entries: [string, BaggageEntry][] = [];
  const counts = { invalid: 0, dropped: 0 };
  for (const name of getter.keys(carrier)) {
    if (!name.toLowerCase().startsWith(JAEGER_BAGGAGE_PREFIX)) continue;
    const key = name.slice(JAEGER_BAGGAGE_PREFIX.length);
    const given = getter.get(carrier, name);
    const value = decode(Array.isArray(given) ? (given[0] ?? '') : (given ?? ''));
    if (!KEY.test(key) || value === undefined) counts.invalid += 1;
    else if (entries.length === ENTRIES_MAX || rules.allow?.has(key) === false) counts.dropped += 1;
    else entries.push([key, { value }]);
  }
  return counted(entries, counts, rules);
}

export function writeJaegerBaggage(
  baggage: Baggage,
  rules: BaggageRules,
  { carrier, setter }: HeaderTarget,
): void {
  let room = BYTES_MAX;
  for (const [key, { value }] of sendable(baggage, rules)) {
    const text = encodeURIComponent(value.toWellFormed());
    room -= key.length + text.length;
    if (room >= 0) setter.set(carrier, JAEGER_BAGGAGE_PREFIX + key, text);
    else rules.losses.add('baggage_dropped', 1);
  }
}

/** Entries that a header can hold and the rules let out, as many as may be sent. */
function sendable(baggage: Baggage, { allow, losses }: BaggageRules): [string, BaggageEntry][] {
  const all = baggage.getAllEntries();
  const fit = all
    .filter(([key, { value }]) => KEY.test(key) && typeof value === 'string' && allow?.has(key) !== false)
    .slice(0, ENTRIES_MAX);
  if (fit.length < all.length) losses.add('baggage_dropped', all.length - fit.length);
  return fit;
}

function counted(
  entries: readonly [string, BaggageEntry][],
  { invalid, dropped }: { readonly invalid: number; readonly dropped: number },
  { losses }: BaggageRules,
): Entries | undefined {
  if (invalid > 0) losses.add('baggage_invalid', invalid);
  if (dropped > 0) losses.add('baggage_dropped', dropped);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
