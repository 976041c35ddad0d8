import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATE_EMPTY } from './board-state.ts';
import { filtersOf, levelName, searchParams, withoutFilters } from './filters.ts';

const FULL = {
  ...STATE_EMPTY,
  service: 'pay',
  operation: 'POST /pay',
  minNano: 5e8,
  maxNano: 2e9,
  error: true,
  attributes: ['http.route=/a=b', 'peer=bank'],
  text: 'refused',
  severity: 17,
  traceId: 'ab',
};

test('each set has its own filters, one by one', () => {
  const shown = (set: 'traces' | 'logs'): readonly string[] =>
    filtersOf(FULL, set).map(({ key, sign, value }) => `${key} ${sign} ${value}`);
  assert.deepEqual(shown('traces'), [
    'service = pay',
    'operation = POST /pay',
    'duration ≥ 500ms',
    'duration ≤ 2s',
    'error = true',
    'http.route = /a=b',
    'peer = bank',
  ]);
  assert.deepEqual(shown('logs'), [
    'service = pay',
    'level ≥ error',
    'text ∋ refused',
    'trace = ab',
    'http.route = /a=b',
    'peer = bank',
  ]);
  assert.deepEqual(filtersOf(STATE_EMPTY, 'traces'), []);
});

test('dropping one filter leaves all others', () => {
  for (const set of ['traces', 'logs'] as const) {
    const all = filtersOf(FULL, set);
    all.forEach((dropped, at) => {
      const left = filtersOf({ ...FULL, ...dropped.without }, set);
      assert.deepEqual(
        left.map(({ key, value }) => [key, value]),
        all.filter((_, other) => other !== at).map(({ key, value }) => [key, value]),
      );
    });
  }
});

test('dropping all leaves none of this set, and what the other set alone has', () => {
  const bare = withoutFilters({ ...FULL, span: 'x' }, 'traces');
  assert.deepEqual(filtersOf(bare, 'traces'), []);
  assert.equal(bare.text, 'refused');
  assert.equal(bare.span, 'x');
  assert.deepEqual(bare.range, FULL.range);
});

test('a search asks for what its filters say', () => {
  assert.equal(
    searchParams(FULL, 'traces').toString(),
    'service=pay&operation=POST+%2Fpay&minDuration=500000000&maxDuration=2000000000&error=true' +
      '&attribute=http.route%3D%2Fa%3Db&attribute=peer%3Dbank',
  );
  assert.equal(searchParams({ ...STATE_EMPTY, error: false }, 'traces').toString(), 'error=false');
  assert.equal(
    searchParams({ ...STATE_EMPTY, severity: 13, text: 'x' }, 'logs').toString(),
    'severity=13&text=x',
  );
});

test('a severity has the name of the level that begins at or below it', () => {
  assert.equal(levelName(null), null);
  assert.equal(levelName(1), 'trace');
  assert.equal(levelName(12), 'info');
  assert.equal(levelName(13), 'warn');
  assert.equal(levelName(24), 'fatal');
});
