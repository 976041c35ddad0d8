import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { journalPlaceOf } from './journal-place.ts';

const placeOf = (serviceName: string): string => {
  const resource = {
    attributes: [{ key: 'service.name', value: serviceName }],
    droppedAttributesCount: 0,
    entityRefs: [],
  };
  const options = { journalDirectory: '/var/lib/aode', journalBytesMax: 1, journalSyncMs: 1 };
  return basename(journalPlaceOf(options, resource)?.directory ?? assert.fail('there is a place'));
};

test('each service has a directory of its own, whatever its name', () => {
  assert.equal(placeOf('shop'), 'shop');
  assert.equal(placeOf('../a b'), '..%2Fa%20b');
  assert.equal(placeOf('..'), '%2E%2E');
  assert.equal(placeOf(''), '%');
});

test('also where a name is too long for a file system', () => {
  assert.equal(placeOf('x'.repeat(200)), 'x'.repeat(200));
  const [one, other] = [placeOf(`${'x'.repeat(200)}1`), placeOf(`${'x'.repeat(200)}2`)];
  assert.notEqual(one, other);
  assert.deepEqual([one.length, other.length], [200, 200]);
});
