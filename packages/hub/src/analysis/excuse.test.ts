import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excusedBy } from './excuse.ts';
import { excuseKey } from './observation.ts';

const services = new Set(['orders', 'pay', 'pay-eu.v2', '支付', '__proto__']);
const excuses = (body: string, severityNumber = 17): boolean =>
  excusedBy(
    [{ id: '1', timeMs: 0, service: 'orders', severityNumber, body, traceId: 't', spanId: 's' }],
    services,
  ).has(excuseKey('t', 'orders'));

test('an error line that names another known service excuses its writer, in that trace', () => {
  assert.ok(excuses('no instance of pay available'));
  assert.ok(excuses('POST http://pay-eu.v2:8080/charge refused', 21));
  assert.ok(excuses('lost connection to "pay"'));
  assert.ok(excuses('no answer from pay.'));
});

test('its own name, a part of a word, an unknown service and lower severities excuse nobody', () => {
  assert.ok(!excuses('orders is out of memory'));
  assert.ok(!excuses('payment failed'));
  assert.ok(!excuses('no instance of cart available'));
  assert.ok(!excuses('calling pay', 16));
  assert.ok(!excuses(''));
});

test('a body of a million dots is read in no time', () => {
  assert.ok(!excuses(`${'.-'.repeat(1_000_000)}x`));
});
