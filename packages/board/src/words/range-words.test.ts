import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastWord } from './range-words.ts';

test('a range is named in the largest unit that leaves no rest; an hour is sixty minutes', () => {
  assert.deepEqual(lastWord(5), ['nMinutes', 5]);
  assert.deepEqual(lastWord(60), ['nMinutes', 60]);
  assert.deepEqual(lastWord(90), ['nMinutes', 90]);
  assert.deepEqual(lastWord(180), ['nHours', 3]);
  assert.deepEqual(lastWord(1440), ['nDays', 1]);
  assert.deepEqual(lastWord(10_080), ['nDays', 7]);
});
