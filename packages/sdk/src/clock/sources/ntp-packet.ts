/** The packet of NTP (RFC 5905 § 7.3), 48 bytes without extensions, and the reading of an answer to a query of ours. */

export interface NtpPacket {
  readonly leap: number;
  readonly version: number;
  readonly mode: number;
  readonly stratum: number;
  /** As exponents of two seconds. */
  readonly poll: number;
  readonly precision: number;
  /** In seconds, multiples of 2^-16. */
  readonly rootDelay: number;
  readonly rootDispersion: number;
  /** 32 bits: an address, or the text of a reference clock or a kiss code. */
  readonly referenceId: number;
  /** 32 bits of seconds since 1900, modulo 2^32, and 32 of their fraction. */
  readonly reference: bigint;
  readonly origin: bigint;
  readonly receive: bigint;
  readonly transmit: bigint;
}

export const PACKET_BYTES = 48;
export const MODE = { client: 3, server: 4 } as const;
const VERSION = 4;

/** Of seconds since 1900 until 1970. */
const UNIX_SECONDS = 2_208_988_800n;
const ERA = 1n << 32n;
const SECOND_NS = 1_000_000_000n;

export function encodePacket(packet: NtpPacket): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, ((packet.leap & 3) << 6) | ((packet.version & 7) << 3) | (packet.mode & 7));
  view.setUint8(1, packet.stratum);
  view.setInt8(2, packet.poll);
  view.setInt8(3, packet.precision);
  view.setInt32(4, Math.round(packet.rootDelay * 65_536));
  view.setUint32(8, Math.round(packet.rootDispersion * 65_536));
  view.setUint32(12, packet.referenceId);
  view.setBigUint64(16, packet.reference);
  view.setBigUint64(24, packet.origin);
  view.setBigUint64(32, packet.receive);
  view.setBigUint64(40, packet.transmit);
  return bytes;
}

/** Undefined for what is too short; extensions and authentication behind the packet are not looked at. */
export function decodePacket(bytes: Uint8Array): NtpPacket | undefined {
  if (bytes.byteLength < PACKET_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = view.getUint8(0);
  return {
    leap: head >> 6,
    version: (head >> 3) & 7,
    mode: head & 7,
    stratum: view.getUint8(1),
    poll: view.getInt8(2),
    precision: view.getInt8(3),
    rootDelay: view.getInt32(4) / 65_536,
    rootDispersion: view.getUint32(8) / 65_536,
    referenceId: view.getUint32(12),
    reference: view.getBigUint64(16),
    origin: view.getBigUint64(24),
    receive: view.getBigUint64(32),
    transmit: view.getBigUint64(40),
  };
}

/**
 * A timestamp as nanoseconds since 1970. Its seconds wrap every 136 years, next in February 2036, so it is taken to be
 * the one nearest to `pivot`, which need not be right by more than 68 years.
 */
export function unixOfNtp(timestamp: bigint, pivot: bigint): bigint {
  const seconds = timestamp >> 32n;
  const fraction = timestamp & (ERA - 1n);
  const near = pivot / SECOND_NS + UNIX_SECONDS;
  const era = (near - seconds + ERA / 2n) >> 32n;
  const unix = seconds + era * ERA - UNIX_SECONDS;
  return unix * SECOND_NS + ((fraction * SECOND_NS + ERA / 2n) >> 32n);
}

export function ntpOfUnix(ns: bigint): bigint {
  const seconds = ns / SECOND_NS + UNIX_SECONDS;
  const fraction = ((ns % SECOND_NS) << 32n) / SECOND_NS;
  return BigInt.asUintN(64, (seconds << 32n) | fraction);
}

/**
 * The question. It tells the server nothing: its transmit timestamp, which the answer has to repeat, is random, so
 * that nobody who has not seen it can answer (draft-ietf-ntp-data-minimization).
 */
export function queryPacket(cookie: bigint): Uint8Array {
  return encodePacket({
    leap: 0,
    version: VERSION,
    mode: MODE.client,
    stratum: 0,
    poll: 0,
    precision: 0,
    rootDelay: 0,
    rootDispersion: 0,
    referenceId: 0,
    reference: 0n,
    origin: 0n,
    receive: 0n,
    transmit: cookie,
  });
}

export type NtpRefusal =
  /** Not an answer of a server, or too short for one. */
  | 'malformed'
  /** It does not repeat what was asked: somebody else's, an old one, or made up. */
  | 'forged'
  /** The server says that it does not know the time: leap indicator 3, stratum 16. */
  | 'server_unsynchronised'
  /** Its times cannot be. */
  | 'invalid';

export type Answer =
  | { readonly kind: 'time'; readonly receive: bigint; readonly transmit: bigint; readonly rootMs: number }
  /** RFC 5905 § 7.4. */
  | { readonly kind: 'kiss'; readonly code: string }
  | { readonly kind: 'refused'; readonly reason: NtpRefusal };

const STRATUM_MAX = 15;
const LEAP_UNKNOWN = 3;

/** What an answer says. `rootMs` is how far the server itself may be off. */
export function readAnswer(bytes: Uint8Array, cookie: bigint, pivot: bigint): Answer {
  const packet = decodePacket(bytes);
  if (packet === undefined || packet.mode !== MODE.server || packet.version < 3)
    return { kind: 'refused', reason: 'malformed' };
  // Before anything else: a forged kiss must not silence a server.
  if (packet.origin !== cookie) return { kind: 'refused', reason: 'forged' };
  const { stratum, leap, rootDelay, rootDispersion, precision } = packet;
  if (stratum === 0) return { kind: 'kiss', code: kissCode(packet.referenceId) };
  if (stratum > STRATUM_MAX || leap === LEAP_UNKNOWN)
    return { kind: 'refused', reason: 'server_unsynchronised' };
  const receive = unixOfNtp(packet.receive, pivot);
  const transmit = unixOfNtp(packet.transmit, pivot);
  const isTime = packet.receive !== 0n && packet.transmit !== 0n && transmit >= receive;
  if (!isTime || rootDelay < 0 || precision > 0) return { kind: 'refused', reason: 'invalid' };
  const rootMs = (rootDelay / 2 + rootDispersion + 2 ** precision) * 1000;
  return { kind: 'time', receive, transmit, rootMs };
}

/** Four letters; what is none is shown as its number. */
function kissCode(id: number): string {
  const code = String.fromCharCode(id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255);
  return /^[A-Z0-9]{4}$/.test(code) ? code : id.toString(16).padStart(8, '0');
}
