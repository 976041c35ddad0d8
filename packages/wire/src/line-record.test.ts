import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeLogs } from './decode-log.ts';
import { encodeLogs } from './encode-log.ts';
import { logRecordOf, type WrittenLine } from './line-record.ts';
import type { LogRecord } from './model.ts';

const SCOPE = { name: 'pino', version: '', attributes: [], droppedAttributesCount: 0 };

function recordOf(text: string, given: Partial<WrittenLine> = {}): LogRecord {
  return logRecordOf({
    scopeName: 'pino',
    scopeVersion: '',
    severityNumber: 9,
    severityText: 'info',
    messageKey: 'msg',
    errorKey: 'err',
    sec: 0,
    nano: 7,
    text,
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    requestId: '',
    traceFlags: 1,
    isCut: false,
    ...given,
  });
}

const attributesOf = ({ attributes }: LogRecord): unknown =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value]));

const sent = (record: LogRecord): unknown => {
  const resource = { attributes: [], droppedAttributesCount: 0, entityRefs: [] };
  const scopeLogs = [{ scope: SCOPE, schemaUrl: '', logRecords: [record] }];
  return decodeLogs(encodeLogs([{ resource, schemaUrl: '', scopeLogs }]))[0]?.scopeLogs[0]?.logRecords[0];
};

test('message, fields and ids; what the logger adds of itself is said elsewhere', () => {
  const record = recordOf(
    '{"level":30,"time":1,"pid":2,"hostname":"h","user":"ann","n":1,"r":1.5,"ok":true,"none":null,' +
      '"list":[1,null],"map":{"a":{"b":1}},"request_id":"r-1","msg":"hello",' +
      `"trace_id":"${'a'.repeat(32)}","span_id":"${'b'.repeat(16)}"}\n`,
  );
  assert.equal(record.body, 'hello');
  assert.equal(record.timeUnixNano, 7n);
  assert.equal(record.severityText, 'info');
  assert.equal(record.traceId, 'a'.repeat(32));
  assert.deepEqual(attributesOf(record), {
    user: 'ann',
    n: 1n,
    r: 1.5,
    ok: true,
    list: [1n, null],
    map: { entries: [{ key: 'a', value: { entries: [{ key: 'b', value: 1n }] } }] },
    request_id: 'r-1',
  });
});

test('what the application calls by the same names stays its own', () => {
  const own = { trace_id: 'mine', span_id: 'mine', level: 'gold', time: '23', pid: 'p', hostname: 'db1' };
  const text = JSON.stringify({ ...own, msg: 'm' });
  assert.deepEqual(attributesOf(recordOf(text, { scopeName: 'aode' })), own);
  assert.deepEqual(attributesOf(recordOf(text)), { trace_id: 'mine', span_id: 'mine' });
});

test('a logger may have any name', () => {
  for (const scopeName of ['constructor', '__proto__', 'toString', ''])
    assert.deepEqual(attributesOf(recordOf('{"pid":5,"msg":"m"}', { scopeName })), { pid: 5n });
});

test('an error under the names of the conventions, also under another key', () => {
  const text = '{"failure":{"type":"TypeError","message":"no","stack":"at x","code":"E"},"msg":"m"}';
  assert.deepEqual(attributesOf(recordOf(text, { errorKey: 'failure' })), {
    'exception.type': 'TypeError',
    'exception.message': 'no',
    'exception.stacktrace': 'at x',
    'exception.code': 'E',
  });
});

describe('lines of another shape', () => {
  test('no JSON: the text is the message', () => {
    for (const text of ['plain\n', '{"broken', '', '5']) assert.equal(recordOf(text).body, text.trimEnd());
  });
  test('without a message, or one that is no text', () => {
    assert.equal(recordOf('{"a":1}').body, '');
    assert.equal(recordOf('{"msg":5}').body, 5n);
    assert.equal(recordOf('{"text":"x"}', { messageKey: 'text' }).body, 'x');
  });
});

test('the 128th field is taken, the 129th counted', () => {
  const of = (count: number): LogRecord =>
    recordOf(JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))));
  assert.equal(of(128).droppedAttributesCount, 0);
  assert.equal(of(129).attributes.length, 128);
  assert.equal(of(129).droppedAttributesCount, 1);
});

test('what is nested deeper than a receiver decodes is cut there', () => {
  for (const depth of [60, 64, 65, 100, 20_000]) {
    const record = recordOf(
      `{"deep":${'['.repeat(depth)}${']'.repeat(depth)},"map":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    );
    assert.deepEqual(sent(record), record);
  }
});

test('any JSON object becomes a record that arrives as it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
      const record = recordOf(JSON.stringify(fields));
      assert.deepEqual(sent(record), record);
    }),
  );
});

test('the request is named once, also by a line that does not say it', () => {
  assert.deepEqual(attributesOf(recordOf('{"msg":"m"}', { requestId: 'r-2' })), { request_id: 'r-2' });
  const told = recordOf('{"msg":"m","request_id":"r-1"}', { requestId: 'r-2' });
  assert.deepEqual(attributesOf(told), { request_id: 'r-1' });
});

test('a line of which the end is missing says so', () => {
  const record = recordOf('{"msg":"the beginn', { isCut: true });
  assert.equal(record.body, '{"msg":"the beginn');
  assert.deepEqual(attributesOf(record), { 'aode.log.cut': true });
});
