/**
 * A fleet of processes with one hub, from one seed: random call trees over all of them, some of which fail, in pools
 * so small that traces give way, while processes die and the hub is restarted. What must hold is checked on the way
 * and at the end; whoever breaks it throws.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { seededRandom } from '@aode/base';
import { parseOtelState, parseTracestate, type Span } from '@aode/wire';
import type { SpanContext } from '@opentelemetry/api';
import type { Ledger, SignalLedger } from '../loss/ledger.ts';
import { thresholdOfTh } from '../sampling/threshold.ts';
import { SimHub } from './sim-hub.ts';
import { SimProcess } from './sim-process.ts';
import { createWorld, type SimWorld } from './sim-world.ts';

const PROCESSES = 50;
const TRACES = 120;
const TRAFFIC_MS = 6000;
/** Until then everybody has heard of every ask. */
const CALM_MS = TRAFFIC_MS + 3000;
const LEDGER_EVERY_MS = 1000;
const FLUSH_MS = 60_000;

/** What a run has seen; sums go into the estimates over many runs. */
export interface FleetReport {
  /** The same for the same seed. */
  readonly digest: string;
  readonly roots: number;
  /** By the `th` of those that are at the hub, or were refused there. */
  readonly rootsEstimated: number;
  /** Of the estimate, given the thresholds. */
  readonly variance: number;
  readonly delivered: number;
  readonly evicted: number;
  readonly asked: number;
  /** Of a trace and a process, where all of its spans were expected and are there. */
  readonly complete: number;
  /** Where something gave way or was refused; counted, so it is no loss in silence. */
  readonly cut: number;
}

export async function runFleet(seed: number): Promise<FleetReport> {
  const world = createWorld(seed);
  const hub = new SimHub(world);
  const fleet = new Fleet(world, hub);
  fleet.start();
  while (world.nowMs < CALM_MS && (await world.step())) fleet.look();
  hub.isCalm = true;
  let isFlushed = false;
  const flushes = fleet.living().map((process) => process.flush(FLUSH_MS));
  const all = Promise.all(flushes).then((list) => {
    isFlushed = true;
    return list;
  });
  while (!isFlushed && (await world.step()));
  assert.ok((await all).every(Boolean), 'in a calm everything is delivered');
  return fleet.report();
}

class Fleet {
  readonly #world: SimWorld;
  readonly #hub: SimHub;
  readonly #processes: readonly SimProcess[];
  /** Traces that a span of a process that lived to the end has failed in. */
  readonly #failed = new Map<string, SimProcess[]>();
  readonly #sampled = new Set<string>();
  readonly #roots: { readonly process: SimProcess; readonly spanId: string; readonly traceId: string }[] = [];
  #lookAt = LEDGER_EVERY_MS;

  constructor(world: SimWorld, hub: SimHub) {
    this.#world = world;
    this.#hub = hub;
    const { random } = world;
    const sampling = { probability: 0.1, tracesPerSecondMin: random.chance(1, 3) ? 1 : 0 };
    const poolBytes = 24_000 + random.below(60_000);
    this.#processes = Array.from({ length: PROCESSES }, (_, index): SimProcess => {
      const isAlive = (): boolean => process.isAlive;
      const process: SimProcess = new SimProcess({
        index,
        random: seededRandom(random.next()),
        clock: world.clock(random.below(60_000) - 30_000, 1 + (random.below(2001) - 1000) / 1e6, isAlive),
        poster: hub.posterOf(isAlive),
        poolBytes,
        journalBytes: 10_000_000,
        sampling,
        onAsk: (traceId) => hub.ask(process, traceId),
      });
      return process;
    });
    hub.processes = this.#processes;
  }

  living(): SimProcess[] {
    return this.#processes.filter(({ isAlive }) => isAlive);
  }

  start(): void {
    const { random, after } = this.#world;
    for (let i = 0; i < TRACES; i += 1) after(random.below(TRAFFIC_MS), () => this.#call(undefined, 0));
    for (let i = random.below(4); i > 0; i -= 1) {
      after(random.below(TRAFFIC_MS), () => this.#any().kill());
    }
    for (let i = random.below(3); i > 0; i -= 1) {
      after(random.below(TRAFFIC_MS), () => this.#hub.restart(100 + random.below(1000)));
    }
  }

  #any(): SimProcess {
    return this.#processes[this.#world.random.below(PROCESSES)] as SimProcess;
  }

  /** One call and those below it, some of which begin when it has ended already. */
  #call(parent: SpanContext | undefined, depth: number): void {
    const { random, after } = this.#world;
    const process = this.#any();
    if (!process.isAlive) return;
    const call = process.begin(parent);
    const { traceId, traceFlags } = call.context;
    if (parent === undefined) {
      this.#roots.push({ process, spanId: call.context.spanId, traceId });
      if ((traceFlags & 1) === 1) this.#sampled.add(traceId);
    }
    const durationMs = 1 + random.below(300);
    for (let i = depth < 4 ? random.below(4) : 0; i > 0; i -= 1) {
      after(random.below(durationMs * 2), () => this.#call(call.context, depth + 1));
    }
    after(durationMs, () => {
      const isFailed = random.chance(2, 100);
      call.end(isFailed, random.chance(1, 20) ? random.below(6000) : random.below(300));
      if (!isFailed || !process.isAlive) return;
      const list = this.#failed.get(traceId);
      if (list === undefined) this.#failed.set(traceId, [process]);
      else list.push(process);
    });
  }

  /** Now and then, whether the ledgers add up. */
  look(): void {
    if (this.#world.nowMs < this.#lookAt) return;
    this.#lookAt += LEDGER_EVERY_MS;
    for (const process of this.#processes) addsUp(process.ledger());
  }

  report(): FleetReport {
    const { spans, refused, asked } = this.#hub;
    const living = this.living();
    let evicted = 0;
    for (const process of living) {
      const ledger = process.ledger();
      addsUp(ledger);
      this.#checkDelivered(process, ledger.spans);
      evicted += ledger.spans.evicted;
    }
    for (const [traceId, list] of this.#failed) {
      const heard = list.some(({ isAlive, cut }) => isAlive && !cut.has(traceId));
      assert.ok(!heard || asked.has(traceId), `the hub has heard of ${traceId}`);
    }
    for (const span of spans.values()) this.#checkSpan(span);
    const sums = { complete: 0, cut: 0 };
    for (const process of living) this.#checkComplete(process, sums);
    const digest = createHash('sha1')
      .update([...spans.keys(), ...refused.keys()].join())
      .digest('hex');
    return { digest, ...this.#estimate(), ...sums, delivered: spans.size, evicted, asked: asked.size };
  }

  /** The ledger tells the truth about the hub. */
  #checkDelivered({ index, ended }: SimProcess, { waiting, delivered, dropped }: SignalLedger): void {
    const ids = [...ended.values()].flat();
    assert.equal(waiting, 0, `process ${index}: nothing waits`);
    assert.equal(
      delivered,
      ids.filter((id) => this.#hub.spans.has(id)).length,
      `process ${index}: delivered`,
    );
    assert.equal(
      dropped.refused ?? 0,
      ids.filter((id) => this.#hub.refused.has(id)).length,
      `process ${index}`,
    );
  }

  /** Nothing is at the hub that nobody has asked for, and `th` stands where R >= T and nowhere else. */
  #checkSpan({ traceId, traceState }: Span): void {
    const isSampled = this.#sampled.has(traceId);
    assert.ok(
      isSampled || this.#hub.asked.has(traceId) || this.#failed.has(traceId),
      `${traceId} was kept for nothing`,
    );
    const th = thOf(traceState);
    assert.equal(th !== undefined, isSampled, `${traceId}: th ${th}`);
    if (th !== undefined) assert.ok(traceId.slice(18) >= th.padEnd(14, '0'), `${traceId}: th ${th}`);
  }

  /** What is sampled or asked for is there, all of it, but for what is counted. */
  #checkComplete({ index, ended, cut }: SimProcess, sums: { complete: number; cut: number }): void {
    for (const [traceId, ids] of ended) {
      if (!this.#sampled.has(traceId) && !this.#hub.asked.has(traceId)) continue;
      const missing = ids.filter((id) => !this.#hub.spans.has(id));
      if (missing.length === 0) sums.complete += 1;
      else {
        const isRefused = missing.every((id) => this.#hub.refused.has(id));
        assert.ok(
          isRefused || cut.has(traceId),
          `process ${index} keeps ${missing.length} spans of ${traceId}`,
        );
        sums.cut += 1;
      }
    }
  }

  #estimate(): Pick<FleetReport, 'roots' | 'rootsEstimated' | 'variance'> {
    const sums = { roots: 0, rootsEstimated: 0, variance: 0 };
    for (const { process, spanId, traceId } of this.#roots) {
      // Those that gave way count: nothing of the sample ever does, so without them the truth would be too small.
      if (!process.isAlive || !process.ended.has(traceId)) continue;
      sums.roots += 1;
      const span = this.#hub.spans.get(spanId) ?? this.#hub.refused.get(spanId);
      const th = span === undefined ? undefined : thOf(span.traceState);
      if (th === undefined) continue;
      const weight = thresholdOfTh(th).adjustedCount;
      sums.rootsEstimated += weight;
      // Of one trace it is (1 - p) / p, seen with probability p.
      sums.variance += weight * (weight - 1);
    }
    return sums;
  }
}

function thOf(traceState: string): string | undefined {
  const member = parseTracestate(traceState)?.find(([key]) => key === 'ot')?.[1];
  return member === undefined ? undefined : parseOtelState(member)?.th;
}

function addsUp({ spans, lines }: Ledger): void {
  for (const one of [spans, lines]) {
    const { pool_full: full = 0, too_large: large = 0, ...late } = one.dropped;
    const lost = Object.values(late).reduce((sum, count) => sum + count, 0);
    assert.equal(one.started, one.ended + one.open);
    assert.equal(one.ended, one.kept + one.evicted + one.undecided + full + large);
    assert.equal(one.kept, one.delivered + one.waiting + lost);
    for (const sum of [one.open, one.kept, one.evicted, one.undecided, one.delivered, one.waiting]) {
      assert.ok(sum >= 0, JSON.stringify(one));
    }
  }
}
