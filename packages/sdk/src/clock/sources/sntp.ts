/**
 * A client of one NTP server (RFC 4330, RFC 5905): a burst at the start, then ever fewer questions. Each question has a
 * socket of its own, so that its port is one more thing that a forger has to guess (RFC 9109), and closes it after the
 * first answer that counts, so that a second one is nobody's.
 */
import { type Clock, type DurationMs, durationMs, type Random } from '@aode/base';
import { DRIFT_MAX } from '../drift.ts';
import { queryPacket, readAnswer } from './ntp-packet.ts';
import type { ClockFrame, SourceEvents, TimeSource } from './source.ts';

export interface NtpServer {
  readonly host: string;
  readonly port: number;
}

/** One question on its way. `onReady` when it can be sent; errors are for good. */
export interface UdpEvents {
  readonly onReady: () => void;
  readonly onMessage: (bytes: Uint8Array) => void;
  readonly onError: () => void;
}

export interface UdpSocket extends Disposable {
  send(bytes: Uint8Array): void;
}

export type UdpOpener = (server: NtpServer, events: UdpEvents) => UdpSocket;

export interface SntpPace {
  /** Answers that are wanted at once: the one that was least under way counts most. */
  readonly burstCount: number;
  readonly burstMs: number;
  readonly pollMsMin: number;
  readonly pollMsMax: number;
  readonly timeoutMs: number;
}

/** RFC 5905 § 13: eight two seconds apart; polls from 2^4 to 2^10 s. */
export const SNTP_PACE: SntpPace = Object.freeze({
  burstCount: 8,
  burstMs: 2000,
  pollMsMin: 16_000,
  pollMsMax: 1_024_000,
  timeoutMs: 1000,
});

/** Answers after which questions become half as many. */
const GOOD_PER_POLL = 4;

export interface SntpParts {
  readonly server: NtpServer;
  readonly frame: ClockFrame;
  readonly clock: Clock;
  readonly random: Random;
  readonly open: UdpOpener;
  readonly pace: SntpPace;
  readonly events: SourceEvents;
}

interface Query {
  readonly cookie: bigint;
  readonly socket: UdpSocket;
  sentAt: number | undefined;
}

export class SntpClient implements TimeSource {
  readonly name: string;
  readonly #parts: SntpParts;
  #timer: Disposable | undefined;
  #query: Query | undefined;
  #burstLeft: number;
  #pollMs: number;
  /** What a server that was asked too often allows. */
  #pollMsMin: number;
  #good = 0;
  #failed = 0;
  /** The server has said that it will never answer. */
  #isDenied = false;

  constructor(parts: SntpParts) {
    const { server, pace } = parts;
    this.#parts = parts;
    this.name = `${server.host}:${server.port}`;
    this.#burstLeft = pace.burstCount;
    this.#pollMs = pace.pollMsMin;
    this.#pollMsMin = pace.pollMsMin;
  }

  start(): void {
    this.#ask();
  }

  hurry(): void {
    const { pace } = this.#parts;
    if (this.#isDenied || this.#burstLeft > 0) return;
    this.#pollMs = this.#pollMsMin;
    this.#good = 0;
    // A server that has complained is not asked in bursts again.
    if (this.#pollMsMin === pace.pollMsMin) this.#burstLeft = pace.burstCount;
    if (this.#query === undefined) this.#again();
  }

  /** It asks seldom anyway. */
  rest(): void {}

  [Symbol.dispose](): void {
    this.#isDenied = true;
    this.#timer?.[Symbol.dispose]();
    this.#close();
  }

  get #nextMs(): number {
    return this.#burstLeft > 0 ? this.#parts.pace.burstMs : this.#pollMs;
  }

  #again(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isDenied) return;
    this.#timer = this.#after(durationMs(this.#nextMs), () => this.#ask());
  }

  #after(ms: DurationMs, run: () => void): Disposable {
    return this.#parts.clock.timer(ms, run);
  }

  #ask(): void {
    const { open, server, random, pace } = this.#parts;
    this.#burstLeft = Math.max(0, this.#burstLeft - 1);
    const cookie = (BigInt(random.next()) << 32n) | BigInt(random.next());
    this.#timer = this.#after(durationMs(pace.timeoutMs), () => this.#fail('timeout'));
    const socket = open(server, {
      onReady: () => this.#send(),
      onMessage: (bytes) => this.#heard(bytes),
      onError: () => this.#fail('unreachable'),
    });
    this.#query = { cookie, socket, sentAt: undefined };
  }

  #send(): void {
    const query = this.#query;
    if (query === undefined || query.sentAt !== undefined) return;
    const bytes = queryPacket(query.cookie);
    query.sentAt = this.#parts.frame.now();
    query.socket.send(bytes);
  }

  #heard(bytes: Uint8Array): void {
    const { frame, events } = this.#parts;
    const at = frame.now();
    const query = this.#query;
    if (query?.sentAt === undefined) return;
    const answer = readAnswer(bytes, query.cookie, frame.zeroNs + BigInt(Math.round(at)) * 1_000_000n);
    if (answer.kind === 'refused') {
      // The true answer may still be under way behind a forged one.
      if (answer.reason === 'forged' || answer.reason === 'malformed') events.onRefused(answer.reason);
      else this.#fail(answer.reason);
    } else if (answer.kind === 'kiss') this.#kissed(answer.code);
    else this.#told(answer, query.sentAt, at);
  }

  #told(
    { receive, transmit, rootMs }: { receive: bigint; transmit: bigint; rootMs: number },
    sentAt: number,
    at: number,
  ): void {
    const { frame, events } = this.#parts;
    const received = Number(receive - frame.zeroNs) / 1e6;
    const sent = Number(transmit - frame.zeroNs) / 1e6;
    const delay = at - sentAt - (sent - received);
    // Longer with the server than on the way: its clock was set meanwhile, or it lies.
    if (delay < -DELAY_MS_TINY) {
      this.#fail('invalid');
      return;
    }
    this.#close();
    this.#failed = 0;
    this.#good += 1;
    if (this.#burstLeft === 0 && this.#good >= GOOD_PER_POLL) this.#slower();
    events.onSample({
      source: this.name,
      askedAt: sentAt,
      at,
      offsetMs: (received - sentAt + sent - at) / 2,
      errorMs: Math.max(0, delay) / 2 + rootMs + DRIFT_MAX * (at - sentAt),
      nextMs: this.#nextMs,
    });
    this.#again();
  }

  #slower(): void {
    this.#good = 0;
    this.#pollMs = Math.min(this.#parts.pace.pollMsMax, this.#pollMs * 2);
  }

  /** RFC 5905 § 7.4: DENY and RSTR are for ever, RATE is for longer; what else there is says nothing. */
  #kissed(code: string): void {
    this.#burstLeft = 0;
    if (code === 'DENY' || code === 'RSTR') this.#isDenied = true;
    else {
      this.#slower();
      if (code === 'RATE') this.#pollMsMin = this.#pollMs;
    }
    this.#parts.events.onRefused(KISSES.has(code) ? `kiss_${code.toLowerCase()}` : 'kiss_other');
    this.#close();
    this.#again();
  }

  #fail(reason: string): void {
    if (this.#query === undefined) return;
    this.#close();
    this.#failed += 1;
    // Nobody is there: no burst, and ever fewer questions.
    if (this.#failed >= GOOD_PER_POLL) {
      this.#burstLeft = 0;
      this.#failed = 0;
      this.#slower();
    }
    this.#parts.events.onRefused(reason);
    this.#again();
  }

  #close(): void {
    const query = this.#query;
    this.#query = undefined;
    this.#timer?.[Symbol.dispose]();
    query?.socket[Symbol.dispose]();
  }
}

const KISSES: ReadonlySet<string> = new Set(['DENY', 'RSTR', 'RATE']);

/** Times of a server have a resolution of their own. */
const DELAY_MS_TINY = 1;
