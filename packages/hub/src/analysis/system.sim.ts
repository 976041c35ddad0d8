/**
 * A small system to test the analysis on, where the truth is known: a gateway asks orders and users, orders asks stock
 * and pay. Every span of a service logs two lines, every service reports its load. The same seed gives the same window.
 */
import { type Random, seededRandom } from '@aode/base';
import type { Window, WindowLog, WindowPoint, WindowSpan } from './window.ts';

export interface Fault {
  /** Slow of its own; reached late; answers errors; busy; no longer logs its last line; does not run. */
  readonly kind: 'slow' | 'late' | 'failing' | 'busy' | 'silent' | 'down';
  readonly service: string;
}

export interface Stretch {
  readonly seed: number;
  readonly startMs: number;
  readonly traces: number;
  readonly fault?: Fault;
  /** Time between two traces; TRACE_EVERY_MS where nothing else is said. */
  readonly everyMs?: number;
  /** One request in so many fails although nothing is wrong, in users, which tells of it. */
  readonly failsOneIn?: number;
}

interface Operation {
  readonly service: string;
  readonly name: string;
  readonly calls: readonly Operation[];
}

const TREE: Operation = {
  service: 'gateway',
  name: 'GET /buy',
  calls: [
    {
      service: 'orders',
      name: 'POST /orders',
      calls: [
        { service: 'stock', name: 'GET /stock', calls: [] },
        { service: 'pay', name: 'POST /pay', calls: [] },
      ],
    },
    { service: 'users', name: 'GET /users', calls: [] },
  ],
};

export const SERVICES: readonly string[] = ['gateway', 'orders', 'pay', 'stock', 'users'];
/** A trace starts this long after the one before. */
export const TRACE_EVERY_MS = 200;

interface Recorded {
  readonly spans: WindowSpan[];
  readonly logs: WindowLog[];
  readonly points: WindowPoint[];
}

export function simulate({
  seed,
  startMs,
  traces,
  fault,
  everyMs = TRACE_EVERY_MS,
  failsOneIn,
}: Stretch): Window {
  const random = seededRandom(seed);
  const recorded: Recorded = { spans: [], logs: [], points: [] };
  for (let i = 0; i < traces; i += 1) {
    const at = startMs + i * everyMs;
    const traceId = `${seed}-${i}`;
    answer(TREE, at, { traceId, parentSpanId: '' }, { random, fault, recorded, failsOneIn });
    if (i % 25 === 0) measure(at, { random, fault, recorded, failsOneIn });
  }
  return recorded;
}

interface Run {
  readonly random: Random;
  readonly fault: Fault | undefined;
  readonly recorded: Recorded;
  readonly failsOneIn: number | undefined;
}

/** Exponential, at least a tenth of a millisecond. */
function drawMs(random: Random, mean: number): number {
  return 0.1 - mean * Math.log((random.below(1_000_000) + 1) / 1_000_001);
}

const has = ({ fault }: Run, kind: Fault['kind'], service: string): boolean =>
  fault?.kind === kind && fault.service === service;

/** Records the server span, and below it a client span for each call. */
function answer(
  operation: Operation,
  startMs: number,
  parent: { readonly traceId: string; readonly parentSpanId: string },
  run: Run,
): { readonly endMs: number; readonly error: boolean } {
  const { random, recorded } = run;
  const { service, name, calls } = operation;
  const { traceId } = parent;
  const spanId = `${service} in`;
  let now = startMs + drawMs(random, 3) + (has(run, 'slow', service) ? 80 : 0);
  let error = has(run, 'failing', service) && random.chance(1, 2);
  if (run.failsOneIn !== undefined && service === 'users') error ||= random.chance(1, run.failsOneIn);
  log(recorded, { service, traceId, spanId, timeMs: startMs, body: `asked for ${random.next()}` });
  for (const call of calls) {
    const callId = `${service} to ${call.service}`;
    const gapMs = drawMs(random, 1) + (has(run, 'late', call.service) ? 60 : 0);
    const answered = has(run, 'down', call.service)
      ? { endMs: now + gapMs, error: true }
      : answer(call, now + gapMs, { traceId, parentSpanId: callId }, run);
    const endMs = answered.endMs + drawMs(random, 1);
    const span = {
      traceId,
      spanId: callId,
      parentSpanId: spanId,
      service,
      name: `call ${call.name}`,
      kind: 3,
    };
    const peer = { peerService: '', peerAddress: `${call.service}:80` };
    recorded.spans.push({ ...span, ...peer, startMs: now, endMs, error: answered.error });
    error ||= answered.error;
    now = endMs;
  }
  const endMs = now + drawMs(random, 1);
  if (error) log(recorded, { service, traceId, spanId, timeMs: now, body: 'failed', severityNumber: 17 });
  if (!has(run, 'silent', service))
    log(recorded, { service, traceId, spanId, timeMs: endMs, body: `answered in ${random.below(90)} ms` });
  const span = { traceId, spanId, parentSpanId: parent.parentSpanId, service, name, kind: 2 };
  recorded.spans.push({ ...span, startMs, endMs, error, peerService: '', peerAddress: '' });
  return { endMs, error };
}

function log(
  { logs }: Recorded,
  line: Omit<WindowLog, 'id' | 'severityNumber'> & { readonly severityNumber?: number },
): void {
  logs.push({ severityNumber: 9, ...line, id: String(logs.length) });
}

function measure(timeMs: number, run: Run): void {
  for (const service of SERVICES) {
    const value = 20 + drawMs(run.random, 3) + (has(run, 'busy', service) ? 60 : 0);
    const name = 'container.cpu.utilization';
    run.recorded.points.push({ timeMs, service, instance: `${service}-1`, name, unit: '%', value });
  }
}
