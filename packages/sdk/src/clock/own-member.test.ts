import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemberState } from '../trace/member-state.ts';
import { hasItem, KEEP, OWN_MEMBER, stampOf, withoutStamp, withStamp } from './own-member.ts';

const state = (value: string): MemberState => new MemberState([[OWN_MEMBER, value]]);

test('stamp and verdict are in one member, and each is read for itself', () => {
  const sent = withStamp(state(KEEP), { logical: 0x18bcfe568000001n, errorMs: 11.2 });
  assert.equal(sent?.serialize(), 'aode=keep;h:018bcfe568000001;e:12');
  assert.deepEqual(stampOf(sent), { logical: 0x18bcfe568000001n, errorMs: 12 });
  assert.ok(hasItem(sent?.get(OWN_MEMBER), KEEP));
  assert.equal(withoutStamp(sent)?.serialize(), 'aode=keep');
});

test('without an error bound, without a state, with those of others', () => {
  const sent = withStamp(undefined, { logical: 1n, errorMs: undefined });
  assert.equal(sent?.serialize(), 'aode=h:0000000000000001');
  assert.deepEqual(stampOf(sent), { logical: 1n, errorMs: undefined });
  assert.equal(withoutStamp(sent), undefined);
  const others = new MemberState([
    ['ot', 'th:c'],
    ['vendor', 'x'],
  ]);
  const mixed = withStamp(others, { logical: 1n, errorMs: 1e9 });
  assert.equal(mixed?.serialize(), 'aode=h:0000000000000001,ot=th:c,vendor=x');
  assert.equal(withoutStamp(mixed)?.serialize(), 'ot=th:c,vendor=x');
  assert.equal(withoutStamp(others), others);
});

test('members of others are not pushed out, and what is no state of ours stays as it is', () => {
  const full = new MemberState(Array.from({ length: 32 }, (_, i) => [`v${i}`, 'x'] as const));
  assert.equal(withStamp(full, { logical: 1n, errorMs: undefined }), full);
  const room = 512 - 'aode=h:0000000000000001,v='.length;
  const long = new MemberState([['v', 'x'.repeat(room)]]);
  assert.equal(withStamp(long, { logical: 1n, errorMs: undefined })?.serialize().length, 512);
  const longer = new MemberState([['v', 'x'.repeat(room + 1)]]);
  assert.equal(withStamp(longer, { logical: 1n, errorMs: undefined }), longer);
  const foreign = { get: () => undefined, set: () => foreign, unset: () => foreign, serialize: () => 'a=b' };
  assert.equal(withStamp(foreign, { logical: 1n, errorMs: undefined }), foreign);
});

test('whatever stands there nothing throws, and what is no stamp is none', () => {
  for (const value of ['h:', 'h:1', 'h:zz', 'e:5', 'h:00000000000000011', 'x;y', 'keep;', 'h;e']) {
    assert.equal(stampOf(state(value)), undefined, value);
  }
  assert.deepEqual(stampOf(state('x;h:0000000000000001;e:nine')), { logical: 1n, errorMs: undefined });
  fc.assert(
    fc.property(fc.string(), (value) => {
      stampOf(state(value));
      withoutStamp(state(value));
    }),
  );
});
