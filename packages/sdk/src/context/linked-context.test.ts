import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import fc from 'fast-check';
import { EMPTY_CONTEXT } from './linked-context.ts';

const KEYS = ['a', 'b', 'c', 'd'].map((name) => createContextKey(name));

test('a linked context answers as the context of the API does, whatever is set and deleted', () => {
  const step = fc.record({ key: fc.nat(KEYS.length - 1), value: fc.option(fc.nat(9)) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let own = EMPTY_CONTEXT;
      let theirs = ROOT_CONTEXT;
      for (const { key: index, value } of steps) {
        const key = KEYS[index] ?? Symbol();
        const before = KEYS.map((one) => own.getValue(one));
        const last = own;
        own = value === null ? own.deleteValue(key) : own.setValue(key, value);
        theirs = value === null ? theirs.deleteValue(key) : theirs.setValue(key, value);
        for (const one of KEYS) assert.equal(own.getValue(one), theirs.getValue(one));
        assert.deepEqual(
          KEYS.map((one) => last.getValue(one)),
          before,
        );
      }
    }),
  );
});
