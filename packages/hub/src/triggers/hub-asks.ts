/** The hub's own asks: what its triggers fire and what persons want, each reason within its rate. */
import { AodeError } from '@aode/base';
import type { AskResponse, TraceResponse } from '@aode/wire/hub-api';
import type { AskDesk } from '../asks/ask-desk.ts';
import { withReasons } from '../asks/gap-reason.ts';
import type { Fired, TriggerReason } from './triggers.ts';

interface Rate {
  readonly perSecond: number;
  /** What may come at once after a time of quiet. */
  readonly burst: number;
}

/**
 * An ask makes every process search its memory and send what it has, so the sum is kept to what one hub stores beside
 * its load: a hundred traces a second at most, failures first.
 */
export const RATES: Readonly<Record<TriggerReason, Rate>> = {
  error: { perSecond: 50, burst: 200 },
  slow: { perSecond: 10, burst: 50 },
  'broken-chain': { perSecond: 5, burst: 20 },
  'rare-path': { perSecond: 5, burst: 20 },
  person: { perSecond: 10, burst: 50 },
};

/** Nobody knows the hub as an instance. */
const NOBODY = '';

/** What somebody who looks at a trace knows of it. */
export interface LookedAt {
  readonly traceId: string;
  readonly spans: readonly {
    readonly spanId: string;
    readonly parentSpanId: string;
    readonly startUnixNano: string;
  }[];
}

/** A trace that somebody opens may still have parts in the memory of processes when it is this young. */
export const RECENT_MS = 60_000;
/** One of which parents are missing, when it is this young: beyond it no process remembers. */
export const INCOMPLETE_MS: number = 5 * 60_000;

export class HubAsks {
  readonly #desk: AskDesk;
  readonly #rooms = new Map<TriggerReason, { tokens: number; atMs: number }>();

  constructor(desk: AskDesk) {
    this.#desk = desk;
  }

  /** Passes on what is new, and counts what is beyond its rate. */
  fire(fired: readonly Fired[]): void {
    for (const one of fired) this.#ask(one);
  }

  /** A person wants a trace. Throws AODE_ASK_LIMITED. */
  person(traceId: string): AskResponse {
    const answer = this.#ask({ traceId, reason: 'person' });
    if (answer === undefined) throw new AodeError('AODE_ASK_LIMITED', { perSecond: RATES.person.perSecond });
    return answer;
  }

  /** Why parts of it are missing. */
  explain(trace: TraceResponse): TraceResponse {
    return withReasons(trace, this.#desk);
  }

  /** A person has opened a trace: asks for the rest of it when there may be one. */
  look({ traceId, spans }: LookedAt): void {
    const first = spans.reduce(
      (least, { startUnixNano }) => Math.min(least, Number(startUnixNano)),
      Infinity,
    );
    const ageMs = this.#desk.nowMs - first / 1e6;
    if (ageMs < RECENT_MS || (ageMs < INCOMPLETE_MS && isIncomplete(spans))) {
      this.#ask({ traceId, reason: 'person' });
    }
  }

  /** Undefined when it is beyond the rate of its reason. What is known costs nothing. */
  #ask({ traceId, reason }: Fired): AskResponse | undefined {
    const { log, nowMs, counters } = this.#desk;
    if (!log.knows(traceId, nowMs) && !this.#takes(reason, nowMs)) {
      counters.add('aode_hub_triggers_limited_total', { reason }, 1);
      return undefined;
    }
    return this.#desk.ask({ instance: NOBODY, asks: [{ traceId, reason }] }, reason);
  }

  /** Token bucket. */
  #takes(reason: TriggerReason, nowMs: number): boolean {
    const { perSecond, burst } = RATES[reason];
    const room = this.#rooms.get(reason) ?? { tokens: burst, atMs: nowMs };
    this.#rooms.set(reason, room);
    room.tokens = Math.min(burst, room.tokens + (Math.max(0, nowMs - room.atMs) / 1000) * perSecond);
    room.atMs = nowMs;
    if (room.tokens < 1) return false;
    room.tokens -= 1;
    return true;
  }
}

function isIncomplete(spans: LookedAt['spans']): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.some(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId));
}
