import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTraces, encodeResource, REPLAYED_KEY } from '@aode/wire';
import fc from 'fast-check';
import { frameOf } from '../testing/telemetry.ts';
import { encodeEnvelope } from './envelope.ts';
import { markReplayed } from './replay-mark.ts';

test('a marked request is the same request but for one attribute of its resource', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string()),
      fc.string({ maxLength: 20_000, unit: 'grapheme' }),
      fc.constantFrom('', 'https://example.test/schema'),
      (names, text, schemaUrl) => {
        const attributes = [{ key: 'service.name', value: text.toWellFormed() }];
        const origin = encodeResource({ attributes, droppedAttributesCount: 0, entityRefs: [] });
        const payloads = [frameOf('traces', names).payload, frameOf('traces', ['last']).payload];
        const body = encodeEnvelope({ origin, payloads, schemaUrl });
        const [before] = decodeTraces(body);
        const marked = markReplayed(body);
        assert.equal(markReplayed(marked), marked, 'once');
        const after = decodeTraces(marked);
        assert.equal(after.length, 1);
        assert.deepEqual(after[0]?.resource.attributes, [...attributes, { key: REPLAYED_KEY, value: true }]);
        assert.deepEqual({ ...after[0], resource: undefined }, { ...before, resource: undefined });
      },
    ),
  );
});
