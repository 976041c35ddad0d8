/** What the board's test looks at: a few minutes of a small shop, and traces of ten thousand and more spans. */
import { newSpanId, newTraceId, type Random, seededRandom } from '@aode/base';
import { encodeLogs, encodeTraces } from '@aode/wire';
import type { Attribute, LogRecord, ResourceLogs, ResourceSpans, Span } from '@aode/wire';

export const LONG_LINE = `long line: ${'0123456789'.repeat(2_000)} and its end`;
/** Traces of the small shop, every fifth of which fails. */
export const TRACES = 40;
const FAILED_EVERY = 5;
/** Spans of a request that is sent: well below the limit of a message. */
const BATCH = 5_000;
const MS = 1_000_000n;

interface Line {
  readonly service: string;
  readonly record: LogRecord;
}

/** Spans and lines before they are sent, by service. */
interface Made {
  readonly spans: { readonly service: string; readonly span: Span }[];
  readonly lines: Line[];
}

export interface BoardData {
  /** The newest failed trace of the small shop: front -> pay, an error line, a missing parent, like siblings. */
  readonly failed: { readonly traceId: string; readonly failedSpanId: string };
  /** `till` calls `bank`, which takes the call and is heard of no more. */
  readonly lost: string;
  readonly tenThousand: string;
  readonly hundredThousand: string;
  /** When the large ones began, milliseconds since 1970. */
  readonly largeAtMs: number;
}

export async function sendBoardData(http: string): Promise<BoardData> {
  const random = seededRandom(20_261_125);
  const now = BigInt(Date.now()) * MS;
  const made: Made = { spans: [], lines: [] };
  let failed = { traceId: '', failedSpanId: '' };
  for (let i = TRACES - 1; i >= 0; i -= 1) {
    const fails = i % FAILED_EVERY === 0;
    const ids = shopTrace(random, now - BigInt(i) * 5_000n * MS - 5_000n * MS, fails, made);
    if (fails) failed = ids;
  }
  await send(http, made);
  // Outside the range that pages open with: what they show is the small shop.
  const large = now - 7_200_000n * MS;
  const tenThousand = await sendLarge(http, random, large, 10_000);
  const hundredThousand = await sendLarge(http, random, large + MS, 100_000);
  const lost = await sendLost(http, random, large);
  return { failed, lost, tenThousand, hundredThousand, largeAtMs: Number(large / MS) };
}

/** One span and one line: the first sign of life of a service. */
export async function sendOne(http: string): Promise<void> {
  const random = seededRandom(1);
  const made: Made = { spans: [], lines: [] };
  const traceId = newTraceId(random);
  const at = BigInt(Date.now()) * MS - 50n * MS;
  const root = add(made, 'front', { traceId, spanId: newSpanId(random), name: 'GET /', from: at, ms: 10n });
  made.lines.push(lineOf('front', root, at, 'hello'));
  await send(http, made);
}

interface Wanted {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly from: bigint;
  readonly ms: bigint;
  readonly failed?: boolean;
  /** A server span without it. */
  readonly kind?: number;
  readonly attributes?: readonly Attribute[];
}

function add(made: Made, service: string, wanted: Wanted): Span {
  const { traceId, spanId, parentSpanId, name, from, ms, failed, kind = 2, attributes } = wanted;
  const span: Span = {
    traceId,
    spanId,
    parentSpanId: parentSpanId ?? '',
    traceState: '',
    flags: 1,
    name,
    kind,
    startTimeUnixNano: from,
    endTimeUnixNano: from + ms * MS,
    attributes: [
      ...(attributes ?? []),
      ...(failed === true ? [{ key: 'error.type', value: 'PoolError' }] : []),
    ],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: failed === true ? 2 : 0, message: '' },
  };
  made.spans.push({ service, span });
  return span;
}

function lineOf(service: string, { traceId, spanId }: Span, at: bigint, body: string): Line {
  const severityNumber = body.startsWith('error') ? 17 : 9;
  const record: LogRecord = {
    timeUnixNano: at,
    observedTimeUnixNano: at,
    severityNumber,
    severityText: severityNumber === 17 ? 'ERROR' : 'INFO',
    body,
    attributes: [{ key: 'request.id', value: traceId.slice(0, 8) }],
    droppedAttributesCount: 0,
    flags: 1,
    traceId,
    spanId,
    eventName: '',
  };
  return { service, record };
}

function shopTrace(
  random: Random,
  at: bigint,
  failed: boolean,
  made: Made,
): { traceId: string; failedSpanId: string } {
  const traceId = newTraceId(random);
  const id = (): string => newSpanId(random);
  const root = add(made, 'front', {
    traceId,
    spanId: id(),
    name: 'GET /checkout',
    from: at,
    ms: 80n,
    failed,
  });
  const parentSpanId = root.spanId;
  for (let i = 0n; i < 8n; i += 1n) {
    add(made, 'front', {
      traceId,
      spanId: id(),
      parentSpanId,
      name: 'SELECT price',
      from: at + i * MS,
      ms: 1n,
    });
  }
  const pay = add(made, 'pay', {
    traceId,
    spanId: id(),
    parentSpanId,
    name: 'POST /pay',
    from: at + 20n * MS,
    ms: 50n,
    failed,
    attributes: [
      { key: 'http.route', value: '/pay' },
      { key: 'card.kind', value: failed ? 'debit' : 'credit' },
      { key: 'docs.url', value: 'https://example.org/pay' },
    ],
  });
  add(made, 'stock', {
    traceId,
    spanId: id(),
    parentSpanId: id(),
    name: 'release',
    from: at + 72n * MS,
    ms: 4n,
  });
  made.lines.push(lineOf('front', root, at + MS, failed ? LONG_LINE : 'checkout requested'));
  if (failed) made.lines.push(lineOf('pay', pay, at + 60n * MS, 'error: no database connection'));
  return { traceId, failedSpanId: pay.spanId };
}

/** One call that is answered, so that the hub knows by whom, and one that breaks off. */
async function sendLost(http: string, random: Random, at: bigint): Promise<string> {
  const made: Made = { spans: [], lines: [] };
  const peer = [
    { key: 'server.address', value: 'bank' },
    { key: 'server.port', value: 443n },
  ];
  let traceId = '';
  for (const isLost of [false, true]) {
    traceId = newTraceId(random);
    const till = { traceId, from: at, ms: 30n, failed: isLost };
    const root = add(made, 'till', { ...till, spanId: newSpanId(random), name: 'POST /sale' });
    const reset = isLost ? [{ key: 'error.type', value: 'ECONNRESET' }] : [];
    const call = add(made, 'till', {
      ...till,
      spanId: newSpanId(random),
      parentSpanId: root.spanId,
      name: 'POST',
      kind: 3,
      failed: false,
      attributes: [...peer, ...reset],
    });
    const answer = { traceId, spanId: newSpanId(random), parentSpanId: call.spanId, name: 'POST /book' };
    if (!isLost) add(made, 'bank', { ...answer, from: at, ms: 20n });
  }
  await send(http, made);
  return traceId;
}

/** A tree of `count` spans, ten children each, no two siblings alike, so that none are folded away. */
async function sendLarge(http: string, random: Random, at: bigint, count: number): Promise<string> {
  const traceId = newTraceId(random);
  const ids: string[] = [];
  let made: Made = { spans: [], lines: [] };
  for (let i = 0; i < count; i += 1) {
    const spanId = newSpanId(random);
    const parent = ids[Math.floor((i - 1) / 10)] ?? '';
    ids.push(spanId);
    const from = at + BigInt(i) * 10_000n;
    const name = `step ${i}`;
    add(made, `s${i % 7}`, { traceId, spanId, parentSpanId: parent, name, from, ms: i === 0 ? 2_000n : 5n });
    if (made.spans.length < BATCH && i < count - 1) continue;
    await send(http, made);
    made = { spans: [], lines: [] };
  }
  return traceId;
}

async function send(http: string, { spans, lines }: Made): Promise<void> {
  const resource = (service: string): ResourceSpans['resource'] => ({
    attributes: [{ key: 'service.name', value: service }],
    droppedAttributesCount: 0,
    entityRefs: [],
  });
  const scope = { name: 'e2e', version: '1', attributes: [], droppedAttributesCount: 0 };
  const traces = [...Map.groupBy(spans, ({ service }) => service)].map(([service, list]): ResourceSpans => ({
    resource: resource(service),
    schemaUrl: '',
    scopeSpans: [{ scope, schemaUrl: '', spans: list.map(({ span }) => span) }],
  }));
  const logs = [...Map.groupBy(lines, ({ service }) => service)].map(([service, list]): ResourceLogs => ({
    resource: resource(service),
    schemaUrl: '',
    scopeLogs: [{ scope, schemaUrl: '', logRecords: list.map(({ record }) => record) }],
  }));
  for (const [signal, body] of [
    ['traces', encodeTraces(traces)],
    ['logs', encodeLogs(logs)],
  ] as const) {
    const answer = await fetch(`${http}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    if (answer.status !== 200 || (await answer.arrayBuffer()).byteLength !== 0)
      throw new Error(`${signal} were not all accepted: ${answer.status}`);
  }
}
