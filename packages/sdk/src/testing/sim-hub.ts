/**
 * The hub of a simulation and the network before it. What it has acknowledged is durable, a repeated request is taken
 * once, and an ask reaches everybody sooner or later; everything else goes wrong now and then.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Poster, PostResult } from '@aode/journal';
import { decodeTraces, type Span } from '@aode/wire';
import type { SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';

/** In thousandths of all requests. */
const TROUBLE = { requestLost: 20, answerLost: 20, busy: 20, refused: 3 } as const;
const TIMEOUT_MS = 500;
const ASK_AGAIN_MS = 200;

export class SimHub {
  /** By span id. */
  readonly spans: Map<string, Span> = new Map();
  /** In requests that were refused for good. */
  readonly refused: Map<string, Span> = new Map();
  readonly asked: Set<string> = new Set();
  processes: readonly SimProcess[] = [];
  /** The network and the hub do what they should: the end of a run. */
  isCalm = false;
  readonly #world: SimWorld;
  readonly #digests = new Set<string>();
  #isUp = true;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  restart(downMs: number): void {
    this.#isUp = false;
    this.#world.after(downMs, () => (this.#isUp = true));
  }

  posterOf(isAlive: () => boolean): Poster {
    return {
      post: (_, body) => new Promise((resolve) => this.#send(body, (result) => isAlive() && resolve(result))),
      keepAlive: () => undefined,
      close: () => undefined,
    };
  }

  #delayMs(): number {
    return 1 + this.#world.random.below(40);
  }

  #happens(thousandths: number): boolean {
    return !this.isCalm && this.#world.random.chance(thousandths, 1000);
  }

  #send(body: Uint8Array, answer: (result: PostResult) => void): void {
    const { after } = this.#world;
    const again = (why: string, afterMs?: number): void => answer({ kind: 'again', why, afterMs });
    if (this.#happens(TROUBLE.requestLost)) {
      after(TIMEOUT_MS, () => again('no answer'));
      return;
    }
    after(this.#delayMs(), () => {
      if (!this.#isUp) return after(1, () => again('nobody listens'));
      if (this.#happens(TROUBLE.busy)) return after(this.#delayMs(), () => again('status 503', 1000));
      if (this.#happens(TROUBLE.refused) && !this.#digests.has(digestOf(body))) {
        for (const span of spansIn(body)) this.refused.set(span.spanId, span);
        return after(this.#delayMs(), () => answer({ kind: 'never', why: 'status 400' }));
      }
      this.#take(body);
      if (this.#happens(TROUBLE.answerLost)) return after(TIMEOUT_MS, () => again('no answer'));
      return after(this.#delayMs(), () => answer({ kind: 'done', rejectedCount: 0, errorMessage: '' }));
    });
  }

  #take(body: Uint8Array): void {
    const digest = digestOf(body);
    if (this.#digests.has(digest)) return;
    this.#digests.add(digest);
    for (const span of spansIn(body)) {
      assert.ok(!this.spans.has(span.spanId), `span ${span.spanId} comes twice`);
      assert.ok(!this.refused.has(span.spanId), `span ${span.spanId} was refused and comes all the same`);
      this.spans.set(span.spanId, span);
    }
  }

  /** A process asks for a trace of all; it goes on asking until the hub has heard. */
  ask(from: SimProcess, traceId: string): void {
    if (!from.isAlive) return;
    this.#world.after(this.#delayMs(), () => {
      if (!this.#isUp || this.#happens(TROUBLE.requestLost)) {
        this.#world.after(ASK_AGAIN_MS, () => this.ask(from, traceId));
        return;
      }
      if (this.asked.has(traceId)) return;
      this.asked.add(traceId);
      for (const process of this.processes) this.#push(process, traceId);
    });
  }

  /** The stream of asks goes on where it was broken off. */
  #push(process: SimProcess, traceId: string): void {
    this.#world.after(this.#delayMs(), () => {
      if (this.#isUp && !this.#happens(TROUBLE.requestLost)) process.asked(traceId);
      else this.#world.after(ASK_AGAIN_MS, () => this.#push(process, traceId));
    });
  }
}

const digestOf = (body: Uint8Array): string => createHash('sha1').update(body).digest('base64');

const spansIn = (body: Uint8Array): Span[] =>
  decodeTraces(body).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
