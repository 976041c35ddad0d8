/** One process of a simulated fleet: recorder, pool, agent and shipper as they are, on a clock of its own. */
import { type Clock, createDiag, durationMs, type Random, seededRandom } from '@aode/base';
import type { Poster } from '@aode/journal';
import {
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace as traceApi,
  type Tracer,
} from '@opentelemetry/api';
import { AgentCounts } from '../agent/agent-counts.ts';
import type { AskTransport } from '../agent/ask-client.ts';
import { createAgent, type RunningAgent } from '../agent/create-agent.ts';
import { type Ledger, readLedger } from '../loss/ledger.ts';
import { COUNT } from '../pool/counts.ts';
import type { PoolTrace } from '../pool/pool-trace.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import type { BaselineSettings } from '../sampling/baseline.ts';
import { createSampling } from '../sampling/settings.ts';
import { Recorder } from '../trace/recorder.ts';
import type { RecordingSpan } from '../trace/span.ts';
import { spanIdText, traceWords } from '../trace/span-identity.ts';
import { createTracerProvider } from '../trace/tracer.ts';

/** How long an ask is remembered for spans that come late. */
const ASKED_MS = 5000;
const FLUSH_MS = 100;

export interface ProcessParts {
  readonly index: number;
  readonly random: Random;
  readonly clock: Clock;
  readonly poster: Poster;
  readonly poolBytes: number;
  readonly journalBytes: number;
  readonly sampling: BaselineSettings;
  /** To the hub, which tells all others. */
  readonly onAsk: (traceId: string) => void;
}

/** A call under way: ended once, or never when its process dies first. */
export interface OpenCall {
  readonly context: SpanContext;
  end(failed: boolean, chars: number): void;
}

/** The way to the hub is simulated on the other side of `onAsk`; what comes back reaches the process by itself. */
const askThrough = (onAsk: (traceId: string) => void): AskTransport => ({
  async post(body) {
    const { asks } = JSON.parse(body) as { readonly asks: readonly { readonly traceId: string }[] };
    for (const { traceId } of asks) onAsk(traceId);
    return 202;
  },
  open: () => ({ [Symbol.dispose]: () => undefined }),
});

export class SimProcess {
  readonly index: number;
  isAlive = true;
  /** Traces of which something gave way here, or found no room: counted, and not expected at the hub. */
  readonly cut: Set<string> = new Set();
  /** Spans that have ended here, by trace. */
  readonly ended: Map<string, string[]> = new Map();
  readonly #parts: ProcessParts;
  readonly #pool: PoolWriter;
  readonly #recorder: Recorder;
  readonly #tracer: Tracer;
  readonly #counts = new AgentCounts(new ArrayBuffer(512));
  readonly #agent: RunningAgent;
  readonly #asked = new Map<string, number>();
  /** Traces nobody has asked for, by arrival. */
  readonly #undecided = new Map<string, PoolTrace>();
  #timer: Disposable | undefined;

  constructor(parts: ProcessParts) {
    const { index, clock, random, poster, sampling } = parts;
    this.index = index;
    this.#parts = parts;
    const buffer = new ArrayBuffer(parts.poolBytes);
    this.#pool = new PoolWriter(buffer, () => this.#wake(true));
    this.#recorder = new Recorder({
      clock,
      random: seededRandom(random.next()),
      pool: this.#pool,
      sampling: createSampling({ ...sampling, keep: [] }),
      placeEvery: 0,
      misused: () => undefined,
      forgotten: () => undefined,
      wake: (urgent) => this.#wake(urgent),
    });
    this.#tracer = createTracerProvider({ recorder: this.#recorder, dye: [] }).getTracer('sim');
    this.#agent = createAgent(
      {
        resource: {
          attributes: [{ key: 'process', value: BigInt(index) }],
          droppedAttributesCount: 0,
          entityRefs: [],
        },
        journalBytesMax: parts.journalBytes,
        journal: undefined,
        instance: String(index),
        metricIntervalMs: 0,
        kind: 'inline',
      },
      {
        pools: [buffer],
        rings: [],
        poster,
        clock,
        random,
        counts: this.#counts,
        diag: createDiag(clock, () => undefined),
        asks: askThrough(parts.onAsk),
        wishes: { onAsked: () => undefined, onSampling: () => undefined },
      },
    );
  }

  /** As the engine on the thread does it. */
  #wake(urgent: boolean): void {
    if (urgent) this.#timer?.[Symbol.dispose]();
    else if (this.#timer !== undefined) return;
    this.#timer = this.#parts.clock.timer(durationMs(urgent ? 0 : FLUSH_MS), () => this.#read());
  }

  #read(): void {
    this.#timer = undefined;
    this.#pool.sealAll();
    this.#agent.agent.step();
    if (this.#agent.agent.hasMore) this.#wake(true);
  }

  /** A call that begins here: of a customer, or of another process. */
  begin(parent: SpanContext | undefined): OpenCall {
    const above =
      parent === undefined
        ? ROOT_CONTEXT
        : traceApi.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
    const span = this.#tracer.startSpan('call', { kind: SpanKind.SERVER }, above) as RecordingSpan;
    const context = span.spanContext();
    if (this.#isAsked(context.traceId)) this.#recorder.keep(span.trace, 'asked');
    return {
      context,
      end: (failed, chars) => {
        if (!this.isAlive) return;
        span.setAttribute('text', 'x'.repeat(chars));
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        const lost = this.#lostCount();
        span.end();
        this.#note(span, this.#lostCount() > lost);
      },
    };
  }

  #lostCount(): number {
    const { counts } = this.#pool;
    return (counts[COUNT.spansDroppedPoolFull] ?? 0) + (counts[COUNT.spansDroppedTooLarge] ?? 0);
  }

  #note({ trace, idHi, idLo }: RecordingSpan, isLost: boolean): void {
    const { text } = trace;
    const list = this.ended.get(text);
    if (list === undefined) this.ended.set(text, [spanIdText(idHi, idLo)]);
    else list.push(spanIdText(idHi, idLo));
    if (isLost) this.cut.add(text);
    if (trace.keptFor === undefined && !this.#undecided.has(text)) this.#undecided.set(text, trace);
    for (const [id, one] of this.#undecided) {
      const isGone = one.keptFor === undefined && one.firstChunk < 0;
      if (isGone) this.cut.add(id);
      else if (one.keptFor === undefined) break;
      this.#undecided.delete(id);
    }
  }

  /** The hub asks for a trace: what is here of it is kept, and what comes. */
  asked(traceId: string): void {
    if (!this.isAlive) return;
    this.#asked.set(traceId, this.#parts.clock.ticks() + ASKED_MS);
    const trace = this.#pool.find(traceWords(traceId));
    if (trace !== undefined) this.#recorder.keep(trace, 'asked');
  }

  #isAsked(traceId: string): boolean {
    const until = this.#asked.get(traceId);
    if (until === undefined) return false;
    if (until >= this.#parts.clock.ticks()) return true;
    this.#asked.delete(traceId);
    return false;
  }

  kill(): void {
    this.isAlive = false;
    this.#timer?.[Symbol.dispose]();
    this.#agent.shipper[Symbol.dispose]();
  }

  /** All that is kept, as at the end of a process. */
  flush(deadlineMs: number): Promise<boolean> {
    this.#pool.sealAll();
    return this.#agent.agent.flush(deadlineMs);
  }

  ledger(): Ledger {
    return readLedger([this.#pool.counts], this.#counts);
  }
}
