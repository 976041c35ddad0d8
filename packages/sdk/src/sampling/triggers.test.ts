import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { KEEP_REASON, reasonOfAttribute, reasonOfRule, reasonOfStatus } from './triggers.ts';

test('status ERROR counts where it leaves the service', () => {
  const { ERROR, OK, UNSET } = SpanStatusCode;
  for (const kind of [SpanKind.SERVER, SpanKind.CONSUMER]) {
    assert.equal(reasonOfStatus(kind, false, ERROR), 'error');
    assert.equal(reasonOfStatus(kind, true, OK), undefined);
    assert.equal(reasonOfStatus(kind, true, UNSET), undefined);
  }
  for (const kind of [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER]) {
    assert.equal(reasonOfStatus(kind, false, ERROR), undefined);
    assert.equal(reasonOfStatus(kind, true, ERROR), 'error');
  }
});

test('response codes of HTTP', () => {
  for (const key of ['http.response.status_code', 'http.status_code']) {
    for (const [code, wanted] of [
      [200, undefined],
      [404, undefined],
      [499, undefined],
      [500, 'http_status'],
      [503, 'http_status'],
      [599, 'http_status'],
      [Number.NaN, undefined],
      ['500', undefined],
      [undefined, undefined],
    ] as const) {
      assert.equal(reasonOfAttribute(key, code), wanted, `${key} ${code}`);
    }
  }
  assert.equal(reasonOfAttribute('http.other', 500), undefined);
});

test('codes of gRPC: the errors of the server, all 17', () => {
  const codes = [
    ['OK', false],
    ['CANCELLED', false],
    ['UNKNOWN', true],
    ['INVALID_ARGUMENT', false],
    ['DEADLINE_EXCEEDED', true],
    ['NOT_FOUND', false],
    ['ALREADY_EXISTS', false],
    ['PERMISSION_DENIED', false],
    ['RESOURCE_EXHAUSTED', false],
    ['FAILED_PRECONDITION', false],
    ['ABORTED', false],
    ['OUT_OF_RANGE', false],
    ['UNIMPLEMENTED', true],
    ['INTERNAL', true],
    ['UNAVAILABLE', true],
    ['DATA_LOSS', true],
    ['UNAUTHENTICATED', false],
  ] as const;
  for (const [code, [name, isError]] of codes.entries()) {
    for (const value of [code, String(code), name]) {
      for (const key of ['rpc.grpc.status_code', 'rpc.response.status_code']) {
        assert.equal(reasonOfAttribute(key, value), isError ? 'grpc_status' : undefined, String(value));
      }
    }
  }
});

test('texts of the wire', () => {
  assert.equal(KEEP_REASON, 'aode.keep.reason');
  assert.equal(reasonOfRule('premium'), 'rule:premium');
});
