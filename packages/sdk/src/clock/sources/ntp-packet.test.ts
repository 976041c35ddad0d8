import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodePacket,
  encodePacket,
  MODE,
  type NtpPacket,
  ntpOfUnix,
  PACKET_BYTES,
  queryPacket,
  readAnswer,
  unixOfNtp,
} from './ntp-packet.ts';

const word = fc.bigInt(0n, 2n ** 64n - 1n);
const packets: fc.Arbitrary<NtpPacket> = fc.record({
  leap: fc.nat(3),
  version: fc.nat(7),
  mode: fc.nat(7),
  stratum: fc.nat(255),
  poll: fc.integer({ min: -128, max: 127 }),
  precision: fc.integer({ min: -128, max: 127 }),
  rootDelay: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((n) => n / 65_536),
  rootDispersion: fc.nat(2 ** 32 - 1).map((n) => n / 65_536),
  referenceId: fc.nat(2 ** 32 - 1),
  reference: word,
  origin: word,
  receive: word,
  transmit: word,
});

test('a packet comes back as it was, whatever stands behind it and before it', () => {
  fc.assert(
    fc.property(packets, fc.uint8Array({ maxLength: 60 }), fc.nat(9), (packet, tail, before) => {
      const whole = new Uint8Array([...new Uint8Array(before), ...encodePacket(packet), ...tail]);
      assert.deepEqual(decodePacket(whole.subarray(before)), { ...packet });
    }),
  );
});

test('what is too short is no packet, and no bytes make the reader throw', () => {
  assert.equal(decodePacket(new Uint8Array(PACKET_BYTES - 1)), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), word, (bytes, cookie) => {
      const { kind } = readAnswer(bytes, cookie, NOW);
      assert.ok(kind === 'refused' || kind === 'kiss' || kind === 'time');
    }),
  );
});

test('the bytes of a packet as RFC 5905 draws them', () => {
  const bytes = encodePacket({ ...ANSWER, rootDelay: 1.5, rootDispersion: 0.25, precision: -20 });
  const words = ['240206ec', '00018000', '00004000', '7f000001', '0000000000000000', '00c0ffee0badf00d'];
  const hex = [...words, '83aa7e8100000000', '83aa7e8200000000'].join('');
  assert.equal(Buffer.from(bytes).toString('hex'), hex);
});

const NOW = 1_800_000_000_000_000_000n;
const COOKIE = 0xc0ffee0badf00dn;
const ANSWER: NtpPacket = {
  leap: 0,
  version: 4,
  mode: MODE.server,
  stratum: 2,
  poll: 6,
  precision: -20,
  rootDelay: 0.01,
  rootDispersion: 0.02,
  referenceId: 0x7f000001,
  reference: 0n,
  origin: COOKIE,
  receive: 2_208_988_801n << 32n,
  transmit: 2_208_988_802n << 32n,
};

test('timestamps in both eras, by the nearest to a time that need not be right', () => {
  const first2036 = 2_085_978_496n * 1_000_000_000n;
  assert.equal(unixOfNtp(0n, first2036 - 1n), first2036);
  assert.equal(unixOfNtp(0xffff_ffffn << 32n, first2036 + 5n), first2036 - 1_000_000_000n);
  fc.assert(
    fc.property(
      fc.bigInt(0n, 2n ** 62n),
      fc.bigInt(-60n * 365n * 86_400n, 60n * 365n * 86_400n),
      (ns, off) => {
        const pivot = ns + off * 1_000_000_000n;
        fc.pre(pivot > 0n);
        const back = unixOfNtp(ntpOfUnix(ns), pivot);
        assert.ok(back - ns <= 1n && ns - back <= 1n);
      },
    ),
  );
});

test('the question says nothing but its cookie', () => {
  const asked = decodePacket(queryPacket(COOKIE));
  assert.deepEqual([asked?.mode, asked?.version, asked?.transmit], [MODE.client, 4, COOKIE]);
  assert.deepEqual([asked?.origin, asked?.receive, asked?.reference, asked?.referenceId], [0n, 0n, 0n, 0]);
});

const read = (more: Partial<NtpPacket>): unknown => {
  const answer = readAnswer(encodePacket({ ...ANSWER, ...more }), COOKIE, NOW);
  return answer.kind === 'refused' ? answer.reason : answer.kind === 'kiss' ? answer.code : answer.kind;
};

test('what an answer says, and why it is refused', () => {
  assert.equal(read({}), 'time');
  assert.equal(read({ version: 3, stratum: 15, leap: 2 }), 'time');
  assert.equal(read({ mode: MODE.client }), 'malformed');
  assert.equal(read({ version: 2 }), 'malformed');
  assert.equal(read({ origin: COOKIE + 1n }), 'forged');
  assert.equal(read({ origin: 0n, stratum: 0, referenceId: 0x44454e59 }), 'forged');
  assert.equal(read({ leap: 3 }), 'server_unsynchronised');
  assert.equal(read({ stratum: 16 }), 'server_unsynchronised');
  assert.equal(read({ stratum: 0, referenceId: 0x44454e59 }), 'DENY');
  assert.equal(read({ stratum: 0, leap: 3, referenceId: 0x52415445 }), 'RATE');
  assert.equal(read({ stratum: 0, referenceId: 1 }), '00000001');
  assert.equal(read({ transmit: 0n }), 'invalid');
  assert.equal(read({ receive: 0n }), 'invalid');
  assert.equal(read({ receive: ANSWER.transmit + 8n }), 'invalid');
  assert.equal(read({ rootDelay: -1 }), 'invalid');
  assert.equal(read({ precision: 1 }), 'invalid');
});

test('how far the server itself may be off: half its delay, its dispersion, its resolution', () => {
  const answer = readAnswer(encodePacket({ ...ANSWER, rootDelay: 2, rootDispersion: 0.5 }), COOKIE, NOW);
  assert.ok(answer.kind === 'time' && Math.abs(answer.rootMs - 1500) < 0.01);
});
