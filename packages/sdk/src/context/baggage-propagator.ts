/** W3C Baggage as an OpenTelemetry propagator, and several propagators as one. */
import {
  type Baggage,
  type BaggageEntry,
  baggageEntryMetadataFromString,
  type Context,
  propagation,
  type TextMapPropagator,
} from '@opentelemetry/api';

const HEADER = 'baggage';
/** Limits of W3C Baggage § 3.3.2. */
const ENTRIES_MAX = 64;
const BYTES_MAX = 8192;

const KEY = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What may stand behind a value: the application's word, which must not become another member or header. */
const PROPERTIES = /^[!-+\--~ \t]+$/;

export function createBaggagePropagator(): TextMapPropagator {
  return {
    fields: () => [HEADER],
    inject(context, carrier, setter) {
      const header = format(propagation.getBaggage(context));
      if (header !== '') setter.set(carrier, HEADER, header);
    },
    extract(context, carrier, getter) {
      const header = getter.get(carrier, HEADER);
      const text = Array.isArray(header) ? header.join(',') : header;
      if (text === undefined) return context;
      const entries = parse(text);
      return Object.keys(entries).length === 0
        ? context
        : propagation.setBaggage(context, propagation.createBaggage(entries));
    },
  };
}

function format(baggage: Baggage | undefined): string {
  let header = '';
  for (const [key, { value, metadata }] of baggage?.getAllEntries().slice(0, ENTRIES_MAX) ?? []) {
    if (!KEY.test(key) || typeof value !== 'string') continue;
    const properties = metadata?.toString() ?? '';
    const behind = PROPERTIES.test(properties) ? `;${properties}` : '';
    const member = `${key}=${encodeURIComponent(value.toWellFormed())}${behind}`;
    if (header.length + 1 + member.length > BYTES_MAX) break;
    header += header === '' ? member : `,${member}`;
  }
  return header;
}

function parse(header: string): Record<string, BaggageEntry> {
  const entries: [string, BaggageEntry][] = [];
  for (const member of header.slice(0, BYTES_MAX).split(',')) {
    const [pair = '', ...properties] = member.split(';');
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, at)).trim();
    const value = decode(pair.slice(at + 1).trim());
    if (!KEY.test(key) || value === undefined || entries.length === ENTRIES_MAX) continue;
    const metadata = properties.join(';').trim();
    entries.push([
      key,
      metadata === '' ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) },
    ]);
  }
  return Object.fromEntries(entries);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Each reads and writes in turn. */
export function joinPropagators(all: readonly TextMapPropagator[]): TextMapPropagator {
  return {
    fields: () => all.flatMap((one) => one.fields()),
    inject(context, carrier, setter) {
      for (const one of all) one.inject(context, carrier, setter);
    },
    extract: (context: Context, carrier, getter) =>
      all.reduce((current, one) => one.extract(current, carrier, getter), context),
  };
}
