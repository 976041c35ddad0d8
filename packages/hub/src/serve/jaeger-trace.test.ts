import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeTracesJson, type ResourceSpans } from '@aode/wire';
import { goDuration } from './go-format.ts';
import { jaegerTrace } from './jaeger-trace.ts';

const FIXTURES = new URL('../../fixtures/jaeger/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, FIXTURES), 'utf8');

interface Trace {
  readonly spans: readonly (Readonly<Record<string, unknown>> & {
    readonly processID: string;
    readonly tags: unknown[];
  })[];
  readonly processes: Readonly<Record<string, unknown>>;
}

const sorted = (list: readonly unknown[]): unknown[] =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** One order for what Jaeger orders at random; each span names its process by what it is. */
const normalise = ({ spans, processes, ...rest }: Trace): unknown => ({
  ...rest,
  spans: sorted(
    spans.map(({ processID, ...span }) => ({
      ...span,
      tags: sorted(span.tags),
      process: processes[processID],
    })),
  ),
});

/** The spans of one trace among all inputs, as the store would give them. */
function traceOf(id: string): ResourceSpans[] {
  const all = ['a', 'b', 'c', 'd', 'e', 's'].flatMap((name) => decodeTracesJson(read(`input/${name}.json`)));
  return all.flatMap((rs) => {
    const scopeSpans = rs.scopeSpans.map((ss) => ({
      ...ss,
      spans: ss.spans.filter((s) => s.traceId === id),
    }));
    const some = scopeSpans.filter(({ spans }) => spans.length > 0);
    return some.length > 0 ? [{ ...rs, scopeSpans: some }] : [];
  });
}

const CASES = [
  ['trace-a', '0af7651916cd43dd8448eb211c80319c', false],
  ['trace-a-raw', '0af7651916cd43dd8448eb211c80319c', true],
  ['trace-b-padded-id', '0000000000000000a1b2c3d4e5f60718', false],
  ['trace-c', 'c10c5ce300000000000000000000c10c', false],
  ['trace-c-raw', 'c10c5ce300000000000000000000c10c', true],
  ['trace-d', 'ed6eca5e000000000000000000000001', false],
  ['trace-d-raw', 'ed6eca5e000000000000000000000001', true],
] as const;

for (const [name, id, raw] of CASES) {
  test(`${name} is what a real Jaeger answers`, () => {
    const golden = JSON.parse(read(`golden/${name}.json`)) as { body: { data: Trace[] } };
    const ours = JSON.parse(JSON.stringify(jaegerTrace(traceOf(id), raw))) as Trace;
    const wanted = golden.body.data[0];
    assert.ok(wanted !== undefined);
    assert.deepEqual(normalise(ours), normalise(wanted));
  });
}

test('a value that JSON cannot write is refused in the words of Jaeger', () => {
  assert.throws(() => jaegerTrace(traceOf('0000000000000000000000000000e001'), false), {
    message: /^json: unsupported value: (NaN|[+-]Inf)$/,
  });
});

test('durations read as Go prints them', () => {
  const cases: readonly (readonly [bigint, string])[] = [
    [0n, '0s'],
    [999n, '999ns'],
    [1500n, '1.5µs'],
    [-255_000_000n, '-255ms'],
    [1_000_000_000n, '1s'],
    [61_000_000_001n, '1m1.000000001s'],
    [7_199_950_500_000n, '1h59m59.9505s'],
  ];
  for (const [nano, text] of cases) assert.equal(goDuration(nano), text);
});
