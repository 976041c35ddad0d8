import assert from 'node:assert/strict';
import { test } from 'node:test';
import { severityOfLevel } from './logger-level.ts';

test('pino levels as severities; what lies between belongs to the lower', () => {
  const cases = [
    [10, 1],
    [0, 1],
    [20, 5],
    [29, 5],
    [30, 9],
    [40, 13],
    [50, 17],
    [60, 21],
    [1000, 21],
    [Number.NaN, 1],
  ] as const;
  for (const [level, severity] of cases) assert.equal(severityOfLevel(level), severity, `${level}`);
});
