import type { SdkCount, SdkHealthResponse, SdkInstance, SdkLedger } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SdkMood, SILENT_MS, sdkStates, sdkSummary } from './sdk-state.ts';

const END_MS = 1_700_000_000_000;
const none: SdkCount = { total: 0, inRange: 0 };
const count = (inRange: number): SdkCount => ({ total: inRange + 100, inRange });

function ledger(over: Partial<SdkLedger> = {}): SdkLedger {
  return {
    started: none,
    open: 0,
    ended: none,
    kept: none,
    evicted: none,
    undecided: 0,
    delivered: none,
    waiting: 0,
    droppedBefore: {},
    dropped: {},
    ...over,
  };
}

function instance(service: string, over: Partial<SdkInstance> = {}): SdkInstance {
  return {
    service,
    instanceId: `${service}-1`,
    sdkVersion: '0.1.0',
    hostName: 'h',
    processId: '1',
    runtime: 'nodejs 24',
    startedUnixNano: '0',
    lastSeenUnixNano: `${END_MS - 5_000}000000`,
    agent: 'worker',
    spans: ledger(),
    lines: ledger(),
    problems: {},
    horizonSeconds: null,
    samplingProbability: null,
    chunkCount: 10,
    chunksFree: 5,
    addsUp: true,
    ...over,
  };
}

const answer = (...instances: readonly SdkInstance[]): SdkHealthResponse => ({ instances, hues: {} });
const moods = (...instances: readonly SdkInstance[]): readonly (readonly [string, SdkMood])[] =>
  sdkStates(answer(...instances), END_MS, null).map(({ row, mood }) => [row.service, mood]);

test('what contradicts itself stands first, then loss, then silence, then the rest by name', () => {
  const silent = { lastSeenUnixNano: `${END_MS - SILENT_MS - 1}000000` };
  const justSeen = { lastSeenUnixNano: `${END_MS - SILENT_MS}000000` };
  const lost = (n: number): Partial<SdkInstance> => ({ spans: ledger({ dropped: { refused: count(n) } }) });
  assert.deepEqual(
    moods(
      instance('e', justSeen),
      instance('d'),
      instance('c', silent),
      instance('b', lost(1)),
      instance('a', lost(2)),
      instance('f', { addsUp: false }),
    ),
    [
      ['f', 'odd'],
      ['a', 'loses'],
      ['b', 'loses'],
      ['c', 'silent'],
      ['d', 'delivers'],
      ['e', 'delivers'],
    ],
  );
});

test('spans and lines are counted together, losses of all kinds by reason, only those of the range', () => {
  const row = instance('a', {
    spans: ledger({
      started: count(5),
      kept: count(4),
      delivered: count(3),
      waiting: 1,
      droppedBefore: { pool_full: count(2) },
      dropped: { refused: count(1), exit_timeout: { total: 9, inRange: 0 } },
    }),
    lines: ledger({ started: count(7), waiting: 2, undecided: 4, dropped: { refused: count(4) } }),
    problems: { span_unfinished: count(3), baggage_invalid: { total: 4, inRange: 0 } },
  });
  const [state = assert.fail()] = sdkStates(answer(row), END_MS, null);
  assert.equal(state.started, 12);
  assert.equal(state.delivered, 3);
  assert.equal(state.waiting, 3);
  assert.equal(state.undecided, 4);
  assert.equal(state.lost, 7);
  assert.deepEqual(state.reasons, [
    ['refused', 5],
    ['pool_full', 2],
  ]);
  assert.deepEqual(state.problems, [['span_unfinished', 3]]);
});

test('the summary counts, names the worst, and looks back over those that are heard of', () => {
  const silent = { lastSeenUnixNano: `${END_MS - 600_000}000000`, horizonSeconds: 900 };
  const states = sdkStates(
    answer(
      instance('a', { horizonSeconds: 41 }),
      instance('b', { horizonSeconds: 12, lines: ledger({ dropped: { journal_full: count(8) } }) }),
      instance('c', silent),
    ),
    END_MS,
    null,
  );
  const { worst, ...summary } = sdkSummary(states);
  assert.deepEqual(summary, { count: 3, delivering: 1, silent: 1, odd: 0, lost: 8, horizonSeconds: 41 });
  assert.equal(worst?.state.row.service, 'b');
  assert.equal(worst.reason, 'journal_full');
  assert.deepEqual(sdkSummary([]), {
    count: 0,
    delivering: 0,
    silent: 0,
    odd: 0,
    lost: 0,
    worst: null,
    horizonSeconds: null,
  });
});

test('the service filter holds here too', () => {
  const states = sdkStates(answer(instance('a'), instance('b')), END_MS, 'b');
  assert.deepEqual(
    states.map(({ row }) => row.service),
    ['b'],
  );
});
