import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNT, COUNTS, LOSS, STATE } from './counts.ts';

test('each count has a place of its own, within those that there are', () => {
  const places = [COUNT, LOSS, STATE].flatMap((table) => Object.values<number>(table));
  assert.equal(new Set(places).size, places.length);
  for (const place of places) assert.ok(place >= 0 && place < COUNTS, String(place));
});
