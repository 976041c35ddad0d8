import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anySpanId, anyTraceId, SPAN, TRACE } from '../testing/remote.ts';
import { type DatadogHeaders, formatDatadog, parseDatadog } from './datadog.ts';

const ABSENT = {
  traceId: undefined,
  parentId: undefined,
  priority: undefined,
  origin: undefined,
  tags: undefined,
};
const LOW = BigInt(`0x${TRACE.slice(16)}`).toString();
const PARENT = BigInt(`0x${SPAN}`).toString();
const TID = `_dd.p.tid=${TRACE.slice(0, 16)}`;

const parse = (given: Partial<{ [K in keyof DatadogHeaders]: string }>): ReturnType<typeof parseDatadog> =>
  parseDatadog({ ...ABSENT, ...given });

test('all headers, each with what it says', () => {
  assert.deepEqual(
    parse({ traceId: LOW, parentId: PARENT, priority: '2', origin: 'rum', tags: `${TID},_dd.p.dm=-4` }),
    {
      traceId: TRACE,
      spanId: SPAN,
      sampled: true,
      debug: true,
      priority: 2,
      origin: 'rum',
      tags: [['_dd.p.dm', '-4']],
    },
  );
});

test('ids: decimal of 64 bits beyond what a number holds, with and without the high half', () => {
  const max = parse({ traceId: '18446744073709551615', parentId: '9007199254740993' });
  assert.equal(max?.traceId, `${'0'.repeat(16)}${'f'.repeat(16)}`);
  assert.equal(max?.spanId, '0020000000000001');
  assert.equal(parse({ traceId: '1', tags: TID })?.traceId, `${TRACE.slice(0, 16)}0000000000000001`);
  assert.equal(parse({ traceId: '1' })?.spanId, undefined);
  assert.equal(parse({ traceId: '1', parentId: '0' })?.spanId, undefined);
  for (const bad of [
    '',
    '0',
    '00',
    '18446744073709551616',
    '-1',
    '1.5',
    'ff',
    '1'.repeat(21),
    '9'.repeat(9000),
  ]) {
    assert.equal(parse({ traceId: bad, tags: TID }), undefined, bad.slice(0, 30));
  }
  assert.equal(parse({ traceId: '1', parentId: 'ff' }), undefined);
  assert.equal(parse({}), undefined);
});

test('priority: the decision and how firm it is; one that cannot be leaves it open', () => {
  const cases = [
    ['-1', false, false],
    ['0', false, false],
    ['1', true, false],
    ['2', true, true],
    ['3', undefined, false],
    ['', undefined, false],
    ['1.0', undefined, false],
  ] as const;
  for (const [priority, sampled, debug] of cases) {
    const found = parse({ traceId: '1', priority });
    assert.deepEqual([found?.sampled, found?.debug], [sampled, debug], priority);
  }
});

test('bad tags and a bad origin are dropped, the trace stands', () => {
  for (const tags of ['x', 'a=b', `${TID},bad`, `_dd.p.a=\u00fc`, `${TID},_dd.p.a=${'x'.repeat(512)}`]) {
    const found = parse({ traceId: '1', tags });
    assert.equal(found?.traceId, `${'0'.repeat(31)}1`, tags.slice(0, 50));
    assert.deepEqual(found?.tags, []);
  }
  assert.equal(parse({ traceId: '1', tags: '_dd.p.tid=xyz' })?.traceId, `${'0'.repeat(31)}1`);
  assert.equal(parse({ traceId: '1', origin: 'a b' })?.origin, undefined);
});

test('a trace whose low half is zero has no name at Datadog: nothing is written', () => {
  const given = {
    traceId: `1${'0'.repeat(31)}` as never,
    spanId: SPAN,
    sampled: true,
    debug: false,
    priority: 1,
  };
  assert.deepEqual(formatDatadog({ ...given, origin: 'rum', tags: [] }), ABSENT);
});

test('parse undoes format', () => {
  const tag = fc.tuple(
    fc.stringMatching(/^_dd\.p\.[a-z]{1,8}$/).filter((key) => key !== '_dd.p.tid'),
    fc.stringMatching(/^[!-+\--~]{0,20}$/),
  );
  const rest = fc.record(
    {
      priority: fc.constantFrom(undefined, -1, 0, 1, 2),
      origin: fc.constantFrom(undefined, 'rum', 'synthetics-browser'),
      tags: fc.array(tag, { maxLength: 8 }),
    },
    { noNullPrototype: true },
  );
  const withLow = anyTraceId.filter((id) => !id.endsWith('0'.repeat(16)));
  fc.assert(
    fc.property(withLow, anySpanId, rest, (traceId, spanId, more) => {
      const { priority } = more;
      const sampled = priority === undefined ? undefined : priority > 0;
      const given = { traceId, spanId, sampled, debug: priority === 2, ...more };
      assert.deepEqual(parseDatadog(formatDatadog(given)), given);
    }),
  );
});
