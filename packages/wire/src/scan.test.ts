import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAodeError, VALUE_DEPTH_MAX } from '@aode/base';
import * as fc from 'fast-check';
import {
  attributeHash,
  decodeAttributes,
  decodeEvents,
  decodeLinks,
  decodeLogs,
  decodeResource,
} from './index.ts';
import {
  decodeScope,
  decodeTraces,
  decodeValue,
  encodeAttributes,
  encodeLogs,
  encodeTraces,
} from './index.ts';
import { scanLogs, scanTraces, valueText } from './index.ts';
import type { Attribute, AttributeScan, LogRecord, Resource, ResourceLogs, ResourceSpans } from './index.ts';
import type { Scope, Span, Value } from './index.ts';
import { message, oracleEncode, REQUEST } from './testing/oracle.ts';
import { sampleLogs, sampleTraces } from './testing/sample.ts';

/** The attributes, put together from their parts and checked against the raw list. */
function attributesOf(scan: AttributeScan): Attribute[] {
  const all = Array.from({ length: scan.count }, (_, i) => ({ key: scan.key(i), value: scan.value(i) }));
  assert.deepStrictEqual(decodeAttributes(copyOf(scan.raw())), all);
  all.forEach(({ key, value }, i) => {
    assert.equal(scan.text(i), valueText(value));
    assert.equal(scan.hash(i), attributeHash(key, valueText(value)));
    assert.equal(
      scan.indexOf(key),
      all.findIndex((one) => one.key === key),
    );
  });
  assert.equal(scan.indexOf('never there'), -1);
  return all;
}

/** As a store gets it back: other memory, not part of a request. */
const copyOf = (raw: Uint8Array): Uint8Array => new Uint8Array(raw);

interface Frame<T> {
  readonly resource: Resource;
  readonly schemaUrl: string;
  readonly scopes: { readonly scope: Scope; readonly schemaUrl: string; readonly records: T[] }[];
}

/** The request as the scan shows it; `deep` counts the records that it says cannot be decoded. */
function scannedTraces(bytes: Uint8Array): { frames: Frame<Span>[]; deep: number } {
  const frames: Frame<Span>[] = [];
  let deep = 0;
  let below = false;
  scanTraces(bytes, {
    resource(one) {
      below = one.tooDeep;
      const resource = below ? NO_RESOURCE : decodeResource(copyOf(one.raw()));
      if (!below) assert.deepStrictEqual(attributesOf(one.attributes), resource.attributes);
      frames.push({ resource, schemaUrl: one.schemaUrl(), scopes: [] });
    },
    scope(one) {
      const scope = one.tooDeep ? NO_SCOPE : decodeScope(copyOf(one.raw()));
      if (!one.tooDeep) {
        assert.deepStrictEqual(attributesOf(one.attributes), scope.attributes);
        assert.deepStrictEqual([one.name(), one.version()], [scope.name, scope.version]);
      } else deep += 1;
      frames.at(-1)?.scopes.push({ scope, schemaUrl: one.schemaUrl(), records: [] });
    },
    span(one) {
      if (one.tooDeep || below) {
        deep += 1;
        return;
      }
      frames
        .at(-1)
        ?.scopes.at(-1)
        ?.records.push({
          traceId: one.traceId.hex(),
          spanId: one.spanId.hex(),
          traceState: one.traceState(),
          parentSpanId: one.parentSpanId.hex(),
          flags: one.flags,
          name: one.name(),
          kind: one.kind,
          startTimeUnixNano: one.startTimeUnixNano,
          endTimeUnixNano: one.endTimeUnixNano,
          attributes: attributesOf(one.attributes),
          droppedAttributesCount: one.droppedAttributesCount,
          events: decodeEvents(copyOf(one.events.raw())),
          droppedEventsCount: one.droppedEventsCount,
          links: decodeLinks(copyOf(one.links.raw())),
          droppedLinksCount: one.droppedLinksCount,
          status: { code: one.statusCode, message: one.statusMessage() },
        });
    },
  });
  return { frames, deep };
}

const NO_RESOURCE: Resource = { attributes: [], droppedAttributesCount: 0, entityRefs: [] };
const NO_SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };

function scannedLogs(bytes: Uint8Array): { frames: Frame<LogRecord>[]; deep: number } {
  const frames: Frame<LogRecord>[] = [];
  let deep = 0;
  scanLogs(bytes, {
    resource(one) {
      if (one.tooDeep) deep += 1;
      const resource = one.tooDeep ? NO_RESOURCE : decodeResource(copyOf(one.raw()));
      frames.push({ resource, schemaUrl: one.schemaUrl(), scopes: [] });
    },
    scope(one) {
      if (one.tooDeep) deep += 1;
      const scope = one.tooDeep ? NO_SCOPE : decodeScope(copyOf(one.raw()));
      frames.at(-1)?.scopes.push({ scope, schemaUrl: one.schemaUrl(), records: [] });
    },
    logRecord(one) {
      if (one.tooDeep) {
        deep += 1;
        return;
      }
      const body = decodeValue(copyOf(one.rawBody()));
      assert.deepStrictEqual(one.body(), body);
      frames
        .at(-1)
        ?.scopes.at(-1)
        ?.records.push({
          timeUnixNano: one.timeUnixNano,
          observedTimeUnixNano: one.observedTimeUnixNano,
          severityNumber: one.severityNumber,
          severityText: one.severityText(),
          body,
          attributes: attributesOf(one.attributes),
          droppedAttributesCount: one.droppedAttributesCount,
          flags: one.flags,
          traceId: one.traceId.hex(),
          spanId: one.spanId.hex(),
          eventName: one.eventName(),
        });
    },
  });
  return { frames, deep };
}

const traceFrames = (list: readonly ResourceSpans[]): unknown =>
  list.map(({ resource, schemaUrl, scopeSpans }) => ({
    resource,
    schemaUrl,
    scopes: scopeSpans.map(({ spans, ...one }) => ({ ...one, records: spans })),
  }));
const logFrames = (list: readonly ResourceLogs[]): unknown =>
  list.map(({ resource, schemaUrl, scopeLogs }) => ({
    resource,
    schemaUrl,
    scopes: scopeLogs.map(({ logRecords, ...one }) => ({ ...one, records: logRecords })),
  }));

const SIGNALS = {
  traces: {
    type: REQUEST.traces,
    sample: encodeTraces(sampleTraces),
    scanned: scannedTraces,
    decoded: (bytes: Uint8Array): unknown => traceFrames(decodeTraces(bytes)),
  },
  logs: {
    type: REQUEST.logs,
    sample: encodeLogs(sampleLogs),
    scanned: scannedLogs,
    decoded: (bytes: Uint8Array): unknown => logFrames(decodeLogs(bytes)),
  },
};

/** The scan must say of these bytes just what the decoder says. */
function checkSame(scan: (typeof SIGNALS)['traces' | 'logs'], bytes: Uint8Array): void {
  const decoded = attempt(() => scan.decoded(bytes));
  const scanned = attempt(() => scan.scanned(bytes));
  if (decoded === 'AODE_OTLP_LIMIT' && typeof scanned === 'object') {
    assert.ok((scanned as { deep: number }).deep > 0, 'too deep, and the scan does not say so');
  } else if (typeof decoded === 'string') {
    // One that is both damaged and too deep may be refused for either.
    assert.ok(typeof scanned === 'string', `decoder: ${decoded}, scan: a message`);
  } else assert.deepStrictEqual(scanned, { frames: decoded, deep: 0 });
}

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!isAodeError(error)) throw error;
    return error.code;
  }
}

for (const [signal, scan] of Object.entries(SIGNALS)) {
  describe(`the scan of ${signal} agrees with the decoder`, () => {
    it('on any message', () => {
      fc.assert(
        fc.property(message(scan.type), (plain) => checkSame(scan, oracleEncode(scan.type, plain))),
        { numRuns: 60 },
      );
    });

    it('on a message joined with itself, and with its fields in another order', () => {
      checkSame(scan, Buffer.concat([scan.sample, scan.sample]));
      fc.assert(
        fc.property(message(scan.type), fc.integer(), (plain, seed) => {
          checkSame(scan, shuffled(oracleEncode(scan.type, plain), seed));
        }),
        { numRuns: 60 },
      );
    });

    it('on every truncation and every changed byte', () => {
      const copy = scan.sample.slice();
      for (let at = 0; at < copy.length; at += 1) {
        checkSame(scan, scan.sample.subarray(0, at));
        const before = copy[at] ?? 0;
        for (const flip of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80]) {
          copy[at] = before ^ flip;
          checkSame(scan, copy);
        }
        copy[at] = before;
      }
    });
  });
}

/** The fields of the message, and of what looks like a message in it, turned around by `seed`: legal protobuf. */
function shuffled(bytes: Uint8Array, seed: number): Uint8Array {
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let end = at + 1;
    let length = 0;
    if ((tag & 7) !== 2) return bytes;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[end] ?? 0;
      end += 1;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    fields.push(Buffer.concat([bytes.subarray(at, end), shuffled(bytes.subarray(end, end + length), seed)]));
    at = end + length;
  }
  const turn = fields.length === 0 ? 0 : Math.abs(seed) % fields.length;
  return Buffer.concat([...fields.slice(turn), ...fields.slice(0, turn)].toReversed());
}

describe('the scan of a span', () => {
  it('gives ids as numbers', () => {
    scanTraces(encodeTraces(sampleTraces), {
      resource: () => undefined,
      scope: () => undefined,
      span({ traceId, spanId }) {
        assert.equal(traceId.byteLength, 16);
        assert.equal(traceId.high(), 0x0af7651916cd43ddn);
        assert.equal(traceId.low(), 0x8448eb211c80319cn);
        assert.equal(spanId.low(), 0xb7ad6b7169203331n);
        assert.equal(spanId.high(), 0n);
      },
    });
  });

  it('joins attributes that a sender scattered', () => {
    const span = Buffer.concat([
      Buffer.of(0x4a, 5, 0x0a, 1, 0x61, 0x12, 0),
      Buffer.of(0x30, 2),
      Buffer.of(0x4a, 7, 0x0a, 1, 0x62, 0x12, 2, 0x18, 7),
    ]);
    const wrap = (tag: number, inner: Uint8Array): Uint8Array =>
      Buffer.concat([Buffer.of(tag, inner.length), inner]);
    let seen: Attribute[] = [];
    scanTraces(wrap(0x0a, wrap(0x12, wrap(0x12, span))), {
      resource: () => undefined,
      scope: () => undefined,
      span: (one) => (seen = attributesOf(one.attributes)),
    });
    assert.deepStrictEqual(seen, [
      { key: 'a', value: null },
      { key: 'b', value: 7n },
    ]);
  });

  it('takes a hundred thousand attributes', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({ key: `k${i}`, value: BigInt(i) }));
    const [one] = sampleTraces;
    assert.ok(one);
    scanTraces(encodeTraces([{ ...one, resource: { ...one.resource, attributes: many } }]), {
      resource({ attributes }) {
        assert.equal(attributes.count, 100_000);
        assert.equal(attributes.value(99_999), 99_999n);
      },
      scope: () => undefined,
      span: () => undefined,
    });
  });

  it('marks what nests too deep and goes on', () => {
    const nested = (depth: number): Value => (depth === 1 ? 'x' : [nested(depth - 1)]);
    const spans = [VALUE_DEPTH_MAX, VALUE_DEPTH_MAX + 1, 500, 1].map((depth) => ({
      ...(sampleTraces[0]?.scopeSpans[0]?.spans[0] ?? assert.fail()),
      attributes: [{ key: 'deep', value: nested(depth) }],
    }));
    const deep: boolean[] = [];
    scanTraces(
      encodeTraces([
        { resource: NO_RESOURCE, schemaUrl: '', scopeSpans: [{ scope: NO_SCOPE, schemaUrl: '', spans }] },
      ]),
      {
        resource: () => undefined,
        scope: () => undefined,
        span: ({ tooDeep }) => deep.push(tooDeep),
      },
    );
    assert.deepEqual(deep, [false, true, true, false]);
  });
});

describe('raw lists', () => {
  it('are read back as they were written', () => {
    const attributes = sampleTraces[0]?.scopeSpans[0]?.spans[0]?.attributes ?? [];
    assert.deepStrictEqual(decodeAttributes(encodeAttributes(attributes)), attributes);
    assert.deepStrictEqual(decodeAttributes(new Uint8Array()), []);
  });
});
