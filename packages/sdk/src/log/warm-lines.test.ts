import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossesOf } from '../losses.ts';
import { COUNT } from '../pool/counts.ts';
import { warmLines } from './warm-lines.ts';

test('both lines go to the end of their way', () => {
  const counts = warmLines();
  assert.deepEqual(lossesOf([counts]), {});
  assert.equal(counts[COUNT.linesKept], 2);
});
