import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostTrust } from './trust-boundary.ts';

test('private: loopback, private addresses, names that no public zone has', () => {
  const isTrusted = createHostTrust(['private']);
  const ours = [
    'localhost',
    'orders',
    'ORDERS.',
    'orders.shop.svc',
    'orders.shop.svc.cluster.local',
    'db.eu.internal',
    'nas.home.arpa',
    'app.localhost',
    '127.0.0.1',
    '127.8.9.10',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '[::1]',
    '::1',
    '[fd12:3456::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:a00:1]',
  ];
  const theirs = [
    '',
    'example.com',
    'orders.shop',
    'internal.example.com',
    'local.evil.com',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '169.254.169.254',
    '[2001:db8::1]',
    '[fe80::1]',
    '[::ffff:8.8.8.8]',
  ];
  for (const host of ours) assert.equal(isTrusted(host), true, host);
  for (const host of theirs) assert.equal(isTrusted(host), false, host);
});

test('a name is that very host, with a star those below it, the star alone all, none nobody', () => {
  const some = createHostTrust(['api.Example.com', '*.partner.org', '203.0.113.7']);
  for (const host of [
    'api.example.com',
    'API.example.com.',
    'a.partner.org',
    'a.b.partner.org',
    '203.0.113.7',
  ]) {
    assert.equal(some(host), true, host);
  }
  for (const host of [
    'example.com',
    'x.api.example.com',
    'partner.org',
    'evilpartner.org',
    'localhost',
    '10.0.0.1',
  ]) {
    assert.equal(some(host), false, host);
  }
  assert.equal(createHostTrust(['*'])('example.com'), true);
  for (const nobody of [[], ['none']]) {
    for (const host of ['localhost', '127.0.0.1', 'none']) assert.equal(createHostTrust(nobody)(host), false);
  }
});

test('verdicts stay right when there are more hosts than are kept', () => {
  const isTrusted = createHostTrust(['private']);
  for (let i = 0; i < 2500; i += 1) {
    assert.equal(isTrusted(`h${i}`), true);
    assert.equal(isTrusted(`h${i}.example.com`), false);
  }
  assert.equal(isTrusted('h0'), true);
});
