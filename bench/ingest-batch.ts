/**
 * Export requests that cost the load client almost nothing: encoded once, and before each sending only ids, times and
 * some attribute values are overwritten in the bytes. While a request is built, each of those places holds a marker by
 * which it is found again.
 *
 * A request is about 512 spans in traces of 20 to 60, over twelve services, 8 to 12 attributes a span, one in ten with
 * an event, one in fifty failed: some 400 bytes a span on the wire. Two attributes of each span (an order number and a
 * session) are new in every request, so that a store cannot live on repetition.
 */
import { type Random, seededRandom } from '@aode/base';
import {
  type Attribute,
  encodeTraces,
  type ResourceSpans,
  SPAN_KIND,
  type Span,
  STATUS_CODE,
} from '@aode/wire';

const SERVICES = [
  'frontend',
  'cart',
  'checkout',
  'currency',
  'email',
  'payment',
  'catalog',
  'recommend',
  'shipping',
  'ads',
  'quote',
  'fraud',
];
const ROUTES = ['/', '/cart', '/cart/{id}', '/product/{id}', '/checkout', '/quote', '/ship', '/ads'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const KINDS = [SPAN_KIND.internal, SPAN_KIND.server, SPAN_KIND.client];
const SPANS_PER_REQUEST = 512;

/** Upper halves of the 8-byte markers; the lower half is an index. Text markers are 16 hex digits of the same. */
const MARK = { trace: 0xa17c3e95, span: 0xb26d81f7, time: 0xc35a94d3, text: 0xd48ba5e1 } as const;

interface Place {
  readonly offset: number;
  readonly index: number;
}

/** Where one request has to be overwritten. */
export interface Batch {
  readonly bytes: Buffer;
  readonly spanCount: number;
  readonly traces: readonly { readonly spanCount: number; readonly offsets: number[] }[];
  readonly spanIds: Place[];
  readonly times: Place[];
  readonly agesNano: readonly number[];
  readonly texts: number[];
}

const marker = (kind: number, index: number): string =>
  kind.toString(16).padStart(8, '0') + index.toString(16).padStart(8, '0');

const timeMarker = (index: number): bigint => (BigInt(MARK.time) << 32n) | BigInt(index);

/** The same requests for the same seed. */
export function newBatches(count: number, seed: number): Batch[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => newBatch(random));
}

interface Draft {
  readonly random: Random;
  readonly agesNano: number[];
  textCount: number;
  spanCount: number;
}

function newBatch(random: Random): Batch {
  const draft: Draft = { random, agesNano: [], textCount: 0, spanCount: 0 };
  const byService = new Map<number, Span[]>();
  const traces: { spanCount: number; offsets: number[] }[] = [];
  while (draft.spanCount < SPANS_PER_REQUEST) {
    const size = Math.min(20 + random.below(41), SPANS_PER_REQUEST - draft.spanCount);
    addTrace(draft, byService, { index: traces.length, size });
    traces.push({ spanCount: size, offsets: [] });
  }
  const bytes = Buffer.from(
    encodeTraces([...byService].map(([service, spans]) => resourceSpans(service, spans))),
  );
  const batch: Batch = {
    bytes,
    spanCount: draft.spanCount,
    traces,
    spanIds: [],
    times: [],
    agesNano: draft.agesNano,
    texts: [],
  };
  findMarks(batch);
  return batch;
}

function addTrace(
  draft: Draft,
  byService: Map<number, Span[]>,
  trace: { index: number; size: number },
): void {
  const { random } = draft;
  const traceId = marker(MARK.trace, trace.index).repeat(2);
  const first = draft.spanCount;
  const durationNano = (20 + random.below(500)) * 1e6;
  for (let i = 0; i < trace.size; i += 1) {
    const age = durationNano - (durationNano * i) / trace.size;
    const endAge = age - age / (2 + random.below(5));
    const service = random.below(SERVICES.length);
    const spans = byService.get(service) ?? [];
    byService.set(service, spans);
    spans.push({
      ...newSpan(draft, service),
      traceId,
      spanId: marker(MARK.span, first + i),
      parentSpanId: i === 0 ? '' : marker(MARK.span, first + random.below(i)),
      startTimeUnixNano: timeMarker(draft.agesNano.push(Math.round(age)) - 1),
      endTimeUnixNano: timeMarker(draft.agesNano.push(Math.round(endAge)) - 1),
    });
  }
  draft.spanCount += trace.size;
}

function newSpan(draft: Draft, service: number): Span {
  const { random } = draft;
  const route = ROUTES[random.below(ROUTES.length)] ?? '/';
  const method = METHODS[random.below(METHODS.length)] ?? 'GET';
  const failed = random.chance(1, 50);
  return {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    flags: 0x101,
    name: `${method} ${route}`,
    kind: KINDS[random.below(KINDS.length)] ?? SPAN_KIND.internal,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: spanAttributes(draft, { service, route, method, failed }),
    droppedAttributesCount: 0,
    events: random.chance(1, 10) ? [newEvent(draft)] : [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: failed
      ? { code: STATUS_CODE.error, message: 'upstream timed out' }
      : { code: STATUS_CODE.unset, message: '' },
  };
}

function newEvent(draft: Draft): Span['events'][number] {
  return {
    timeUnixNano: timeMarker(draft.agesNano.push(0) - 1),
    name: 'cache.miss',
    attributes: [{ key: 'cache.key', value: `item-${draft.random.below(10_000)}` }],
    droppedAttributesCount: 0,
  };
}

interface Request {
  readonly service: number;
  readonly route: string;
  readonly method: string;
  readonly failed: boolean;
}

function spanAttributes(draft: Draft, { service, route, method, failed }: Request): Attribute[] {
  const { random } = draft;
  const fresh = (): string => marker(MARK.text, draft.textCount++);
  const attributes: Attribute[] = [
    { key: 'http.request.method', value: method },
    { key: 'http.route', value: route },
    { key: 'http.response.status_code', value: failed ? 503n : 200n },
    { key: 'server.address', value: `${SERVICES[service]}.shop.svc.cluster.local` },
    { key: 'server.port', value: 8080n },
    { key: 'network.protocol.version', value: '1.1' },
    { key: 'app.order.id', value: fresh() },
    { key: 'session.id', value: fresh() },
  ];
  const more: Attribute[] = [
    { key: 'user_agent.original', value: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156' },
    { key: 'app.cart.items', value: BigInt(random.below(20)) },
    { key: 'app.cart.total', value: random.below(100_000) / 100 },
    { key: 'feature.flag', value: random.chance(1, 2) },
  ];
  return [...attributes, ...more.slice(0, random.below(5))];
}

function resourceSpans(service: number, spans: readonly Span[]): ResourceSpans {
  const name = SERVICES[service] ?? '';
  return {
    resource: {
      attributes: [
        { key: 'service.name', value: name },
        { key: 'service.version', value: '1.4.2' },
        { key: 'service.instance.id', value: `${name}-7d9f-0001` },
        { key: 'deployment.environment.name', value: 'production' },
        { key: 'host.name', value: `node-${service % 5}` },
        { key: 'process.pid', value: BigInt(1000 + service) },
        { key: 'telemetry.sdk.language', value: 'nodejs' },
        { key: 'telemetry.sdk.name', value: 'opentelemetry' },
        { key: 'telemetry.sdk.version', value: '2.2.0' },
      ],
      droppedAttributesCount: 0,
      entityRefs: [],
    },
    schemaUrl: '',
    scopeSpans: [
      {
        scope: {
          name: '@opentelemetry/instrumentation-http',
          version: '0.208.0',
          attributes: [],
          droppedAttributesCount: 0,
        },
        schemaUrl: '',
        spans,
      },
    ],
  };
}

/** One pass over the bytes; ids stand big-endian, times little-endian, texts as hex digits. */
function findMarks(batch: Batch): void {
  const { bytes } = batch;
  const textLead = Buffer.from(MARK.text.toString(16));
  for (let at = bytes.indexOf(textLead); at >= 0; at = bytes.indexOf(textLead, at + 16)) {
    batch.texts.push(at);
  }
  for (let at = 0; at + 8 <= bytes.length; at += 1) {
    const big = bytes.readUInt32BE(at);
    const index = bytes.readUInt32BE(at + 4);
    if (big === MARK.trace && index < batch.traces.length) {
      batch.traces[index]?.offsets.push(at);
      at += 15;
    } else if (big === MARK.span && index < batch.spanCount) {
      batch.spanIds.push({ offset: at, index });
      at += 7;
    } else if (bytes.readUInt32LE(at + 4) === MARK.time && bytes.readUInt32LE(at) < batch.agesNano.length) {
      batch.times.push({ offset: at, index: bytes.readUInt32LE(at) });
      at += 7;
    }
  }
}

/** A worker's copy, to be overwritten. */
export function copyBatch(batch: Batch): Batch {
  return { ...batch, bytes: Buffer.from(batch.bytes) };
}

/**
 * Makes every trace, span and fresh text of the batch a new one that happened just now. `seen` is told each trace's id
 * and size.
 */
export function stamp(
  batch: Batch,
  random: Random,
  seen: (traceId: string, spanCount: number) => void,
): void {
  const { bytes } = batch;
  for (const { offsets, spanCount } of batch.traces) {
    const words = [random.next(), random.next(), random.next(), random.next()];
    for (const offset of offsets) words.forEach((word, i) => bytes.writeUInt32BE(word, offset + 4 * i));
    const [first] = offsets;
    if (first !== undefined) seen(bytes.toString('hex', first, first + 16), spanCount);
  }
  // The lower word counts on and is never zero, so no two spans of a request share an id.
  const base = random.below(0x7000_0000) + 1;
  const salt = random.next();
  for (const { offset, index } of batch.spanIds) {
    bytes.writeUInt32BE((Math.imul(base + index, 0x9e3779b1) ^ salt) >>> 0, offset);
    bytes.writeUInt32BE(base + index, offset + 4);
  }
  const now = BigInt(Date.now()) * 1_000_000n;
  for (const { offset, index } of batch.times) {
    bytes.writeBigUInt64LE(now - BigInt(batch.agesNano[index] ?? 0), offset);
  }
  for (const offset of batch.texts) {
    bytes.write(hex8(random.next()), offset, 'latin1');
    bytes.write(hex8(random.next()), offset + 8, 'latin1');
  }
}

const hex8 = (word: number): string => word.toString(16).padStart(8, '0');
