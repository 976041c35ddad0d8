import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAodeError } from '@aode/base';
import fc from 'fast-check';
import { ASKS_OF_REQUEST_MAX, parseAskRequest, parseStreamQuery, SERVICE_CHARS_MAX } from './ask-request.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const parse = (value: unknown): unknown => parseAskRequest(Buffer.from(JSON.stringify(value)));
const INVALID = { code: 'AODE_ASK_INVALID' };

test('what is an ask is taken as it is, without what else is in it', () => {
  const asks = [{ traceId: TRACE, reason: 'http 503' }];
  assert.deepEqual(parse({ instance: 'a', asks: [{ ...asks[0], more: 1 }], other: 2 }), {
    instance: 'a',
    asks,
  });
  assert.deepEqual(parse({ instance: 'a', asks: [] }), { instance: 'a', asks: [] });
});

test('the last that is taken and the first that is refused', () => {
  const of = (count: number, reason: string, instance: string): unknown => ({
    instance,
    asks: Array.from({ length: count }, () => ({ traceId: TRACE, reason })),
  });
  assert.ok(parse(of(ASKS_OF_REQUEST_MAX, 'x'.repeat(64), 'i'.repeat(128))));
  assert.throws(() => parse(of(ASKS_OF_REQUEST_MAX + 1, 'x', 'i')), INVALID);
  assert.throws(() => parse(of(1, 'x'.repeat(65), 'i')), INVALID);
  assert.throws(() => parse(of(1, 'x', 'i'.repeat(129))), INVALID);
});

test('whatever else comes is refused with its code, and never anything else', () => {
  const bad = (over: object): unknown => ({
    instance: 'a',
    asks: [{ traceId: TRACE, reason: 'r', ...over }],
  });
  for (const value of [
    null,
    [],
    'x',
    {},
    { instance: 'a' },
    { asks: [] },
    { instance: 'a b', asks: [] },
    { instance: 'a', asks: {} },
    { instance: 'a', asks: [null] },
    bad({ traceId: TRACE.toUpperCase() }),
    bad({ traceId: '0'.repeat(32) }),
    bad({ traceId: 1 }),
    bad({ reason: '' }),
    bad({ reason: 'a\nb' }),
  ]) {
    assert.throws(() => parse(value), INVALID, JSON.stringify(value));
  }
  const attempt = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      assert.ok(isAodeError(error) && error.code === 'AODE_ASK_INVALID');
    }
  };
  fc.assert(fc.property(fc.jsonValue(), (value) => attempt(() => parse(value))));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => attempt(() => parseAskRequest(Buffer.from(bytes)))));
  fc.assert(fc.property(fc.string(), (query) => attempt(() => parseStreamQuery(query))));
});

test('a stream says for whom it is and where it goes on', () => {
  const none = { service: undefined, after: undefined };
  assert.deepEqual(parseStreamQuery('instance=a'), { instance: 'a', ...none });
  const after = { epoch: '0123456789abcdef', number: 7 };
  assert.deepEqual(parseStreamQuery('instance=a&after=0123456789abcdef-7'), {
    instance: 'a',
    ...none,
    after,
  });
  const service = 'ä'.repeat(SERVICE_CHARS_MAX);
  const named = `instance=a&service=${encodeURIComponent(service)}`;
  assert.deepEqual(parseStreamQuery(named), { instance: 'a', ...none, service });
  const bad = ['instance=a&service=', `${named}x`, 'instance=a&service=b&service=b'];
  for (const query of [
    '',
    'after=0123456789abcdef-7',
    'instance=a&instance=b',
    'instance=a&after=7',
    ...bad,
  ]) {
    assert.throws(() => parseStreamQuery(query), INVALID, query);
  }
});
