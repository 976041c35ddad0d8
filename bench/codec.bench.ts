/**
 * The OTLP codec beside protobufjs, in this process, on the requests of the ingest bench (512 spans, 8 to 12 attributes
 * a span): spans per second. The subjects take turns within a run.
 *
 *   npm run bench -- codec [--json FILE] [--runs 9]
 *
 * What is compared: `decode` makes records of everything, as protobufjs does of its. `scan` is what the hub stores
 * from: ids, times, name, raw attributes, and in `scan and hash` the hash of every attribute; its peer is the decoding
 * that protobufjs cannot avoid. `encode` starts from records on both sides. JSON has JSON.parse alone as its peer: the
 * time below which no decoder in JavaScript gets.
 */
import { readFileSync } from 'node:fs';
import {
  decodeTraces,
  decodeTracesJson,
  encodeTraces,
  encodeTracesJson,
  scanTraces,
  type TraceSink,
} from '@aode/wire';
import protobuf from 'protobufjs';
import { newBatches } from './ingest-batch.ts';
import { benchOptions, figure, publish } from './measure.ts';

const BATCHES = 4;
/** Long enough to hold several collections of garbage. */
const MEASURE_MS = 300;
const WARMUP_MS = 1000;

const batches = newBatches(BATCHES, 1);
const requests = batches.map(({ bytes }) => bytes);
const spanCount = batches.reduce((sum, batch) => sum + batch.spanCount, 0);

const root = protobuf.Root.fromJSON(
  JSON.parse(
    readFileSync(new URL('../packages/wire/fixtures/otlp-descriptors.json', import.meta.url), 'utf8'),
  ),
);
const type = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');

const records = requests.map((bytes) => decodeTraces(bytes));
const messages = requests.map((bytes) => type.decode(bytes));
const texts = records.map((traces) => encodeTracesJson(traces));

/** Keeps results alive, so that no work can be optimised away. */
let kept = 0;

const reading: TraceSink = {
  resource: (resource) => (kept += resource.raw().length),
  scope: (scope) => (kept += scope.raw().length),
  span(span) {
    kept += span.name().length + span.attributes.raw().length + span.events.raw().length;
    kept += Number(span.traceId.low() & 1n) + Number(span.spanId.low() & 1n);
    kept += Number(span.startTimeUnixNano & 1n);
  },
};

const hashing: TraceSink = {
  ...reading,
  span(span) {
    reading.span(span);
    const { attributes } = span;
    for (let i = 0; i < attributes.count; i += 1) kept += Number(attributes.hash(i) & 1n);
  },
};

type Subject = () => void;
const each =
  <T>(inputs: readonly T[], run: (input: T) => unknown): Subject =>
  () => {
    for (const input of inputs) if (run(input) !== null) kept += 1;
  };

interface Contest {
  readonly name: string;
  readonly aode: Subject;
  readonly peer: string;
  readonly other: Subject;
}

const protobufDecode = each(requests, (bytes) => type.decode(bytes));
const contests: readonly Contest[] = [
  { name: 'decode', aode: each(requests, decodeTraces), peer: 'protobufjs', other: protobufDecode },
  {
    name: 'scan',
    aode: each(requests, (bytes) => scanTraces(bytes, reading)),
    peer: 'protobufjs',
    other: protobufDecode,
  },
  {
    name: 'scan and hash',
    aode: each(requests, (bytes) => scanTraces(bytes, hashing)),
    peer: 'protobufjs',
    other: protobufDecode,
  },
  {
    name: 'encode',
    aode: each(records, encodeTraces),
    peer: 'protobufjs',
    other: each(messages, (message) => type.encode(message).finish()),
  },
  {
    name: 'decode JSON',
    aode: each(texts, decodeTracesJson),
    peer: 'JSON.parse',
    other: each(texts, (text) => JSON.parse(text) as unknown),
  },
  {
    name: 'encode JSON',
    aode: each(records, encodeTracesJson),
    peer: 'JSON.stringify',
    other: each(
      texts.map((text) => JSON.parse(text) as unknown),
      (value) => JSON.stringify(value),
    ),
  },
];

/** Spans per second of `run`, repeated for `ms`. */
function rate(run: Subject, ms: number): number {
  const start = performance.now();
  let rounds = 0;
  let elapsed = 0;
  while (elapsed < ms) {
    run();
    rounds += 1;
    elapsed = performance.now() - start;
  }
  return (rounds * spanCount * 1000) / elapsed;
}

const options = benchOptions(9);
for (const { aode, other } of contests) {
  rate(aode, WARMUP_MS);
  rate(other, WARMUP_MS);
}
const rates = contests.map(() => ({ aode: [] as number[], other: [] as number[] }));
for (let run = 0; run < options.runs; run += 1) {
  contests.forEach((contest, i) => {
    rates[i]?.aode.push(rate(contest.aode, MEASURE_MS));
    rates[i]?.other.push(rate(contest.other, MEASURE_MS));
  });
}
publish(
  'codec',
  options,
  contests.map(({ name, peer }, i) =>
    figure({ name, unit: 'spans/s', better: 'higher' }, rates[i]?.aode ?? [], {
      [peer]: rates[i]?.other ?? [],
    }),
  ),
);
if (kept === 0) throw new Error('nothing was measured');
