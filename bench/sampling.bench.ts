/**
 * What a sampling decision costs, in nanoseconds of CPU, beside the samplers of OpenTelemetry: the same trace ids on
 * both sides, the subjects taking turns within a run.
 *
 *   npm run bench -- sampling [--json FILE] [--runs 9]
 *
 * `root`: a trace begins at 1 %. Ours chooses the threshold by the rate so far, decides, and says `th` in the trace
 * state; TraceIdRatioBased only decides, by an algorithm that is not consistent across languages; the composite sampler
 * says `th`. `child, no state`: a parent from elsewhere that is sampled and has no trace state. `child, th`: one whose
 * trace state says `ot=th:…`, the same few texts from all callers. Nobody is asked through a tracer.
 *
 * The rows below have no peer: `onAttribute` is a keep rule asked about an attribute that no rule names, `outcome` the
 * triggers about one, `heap` the bytes that a decision leaves behind.
 */
import { newSpanId, newTraceId, seededRandom } from '@aode/base';
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type TraceState } from '@opentelemetry/api';
import {
  createComposableParentThresholdSampler,
  createComposableProbabilitySampler,
  createCompositeSampler,
} from '@opentelemetry/sampler-composite';
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { createBaseline } from '../packages/sdk/src/sampling/baseline.ts';
import { decideChild, decideRoot } from '../packages/sdk/src/sampling/decide.ts';
import { readOtelState, withDecision } from '../packages/sdk/src/sampling/ot-member.ts';
import { compileKeepRules } from '../packages/sdk/src/sampling/rules.ts';
import { thresholdOf } from '../packages/sdk/src/sampling/threshold.ts';
import { reasonOfAttribute } from '../packages/sdk/src/sampling/triggers.ts';
import { MemberState } from '../packages/sdk/src/trace/member-state.ts';
import { benchOptions, type Figure, figure, publish } from './measure.ts';

const PROBABILITY = 0.01;
/** More than a branch predictor learns by heart. */
const IDS = 65_536;
/** Each turn goes over all ids this often: some 20 ms. */
const ROUNDS = 8;
const WARMUP_TURNS = 12;
/** Of a clock of whole milliseconds, on which a number costs no memory: some ten thousand a second. */
const ROOTS_PER_MS = 10;

const random = seededRandom(1);
const ids = Array.from({ length: IDS }, () => newTraceId(random));
const threshold = thresholdOf(PROBABILITY);
const baseline = createBaseline({ probability: PROBABILITY, tracesPerSecondMin: 10 });
const rules = compileKeepRules([{ name: 'premium', attribute: { user_tier: 'premium' } }]);

/** Keeps results alive, so that no work can be optimised away. */
let kept = 0;
let roots = 0;

type Subject = (id: string, i: number) => void;
/** Of a sampled parent; `th` agrees with one id in a hundred, as at 1 %, or with all. */
const states: readonly TraceState[] = ['0', 'fd70a', '8', 'c'].map(
  (th) => new MemberState([['ot', `th:${th}`]]),
);
const stateAt = (i: number): TraceState | undefined => states[i & 3];
const contextOf = (traceId: string, traceState?: TraceState): ReturnType<typeof trace.setSpanContext> =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: newSpanId(random),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState }),
  });
const plainContexts = ids.map((id) => contextOf(id));
const stateContexts = ids.map((id, i) => contextOf(id, stateAt(i)));

/** Without what follows a parent, which a root does not need. */
const rootRatio = new TraceIdRatioBasedSampler(PROBABILITY);
const rootProbability = createComposableProbabilitySampler(PROBABILITY);
const rootComposite = createCompositeSampler(rootProbability);
const ratio = new ParentBasedSampler({ root: rootRatio });
const composite = createCompositeSampler(createComposableParentThresholdSampler(rootProbability));
type Peer = Pick<typeof composite, 'shouldSample'>;
const asked =
  (sampler: Peer, contexts?: readonly (typeof ROOT_CONTEXT)[]): Subject =>
  (id, i) => {
    const context = contexts?.[i] ?? ROOT_CONTEXT;
    const { decision, traceState } = sampler.shouldSample(context, id, 'GET /', SpanKind.SERVER, {}, []);
    kept += decision + (traceState === undefined ? 0 : 1);
  };

interface Contest {
  readonly name: string;
  readonly aode: Subject;
  readonly peers: Readonly<Record<string, Subject>>;
}

const contests: readonly Contest[] = [
  {
    name: 'root',
    aode: (id) => {
      roots += 1;
      const decision = decideRoot(id, undefined, baseline.next((roots / ROOTS_PER_MS) | 0));
      kept += withDecision(undefined, decision) === undefined ? 1 : 2;
    },
    peers: { TraceIdRatioBased: asked(rootRatio), composite: asked(rootComposite) },
  },
  {
    name: 'child, no state',
    aode: (id) => {
      const decision = decideChild(id, true, readOtelState(undefined), threshold);
      kept += withDecision(undefined, decision) === undefined ? 1 : 2;
    },
    peers: {
      'ParentBased(TraceIdRatioBased)': asked(ratio, plainContexts),
      composite: asked(composite, plainContexts),
    },
  },
  {
    name: 'child, th that agrees in half',
    aode: (id, i) => {
      const state = stateAt(i);
      const decision = decideChild(id, true, readOtelState(state), threshold);
      kept += decision.th === undefined ? 1 : 2;
    },
    peers: {
      'ParentBased(TraceIdRatioBased)': asked(ratio, stateContexts),
      composite: asked(composite, stateContexts),
    },
  },
  {
    name: 'onAttribute',
    aode: (_, i) => {
      kept += rules.onAttribute(KEYS[i & 7] ?? '', 'x') === undefined ? 1 : 2;
    },
    peers: {},
  },
  {
    name: 'outcome',
    aode: (_, i) => {
      kept += reasonOfAttribute(KEYS[i & 7] ?? '', 200) === undefined ? 1 : 2;
    },
    peers: {},
  },
];

const KEYS =
  'http.request.method,http.route,http.response.status_code,url.path,server.port,user.id,net.peer,db.rows'.split(
    ',',
  );

/** Nanoseconds of this thread's processor time for each id; others on the machine do not count. */
function turn(run: Subject): number {
  const start = process.threadCpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let i = 0; i < IDS; i += 1) run(ids[i] ?? '', i);
  }
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1000) / (ROUNDS * IDS);
}

/** Bytes that a call leaves on the heap. */
function bytesOf(run: Subject): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  turn(run);
  return Math.max(0, process.memoryUsage().heapUsed - before) / (ROUNDS * IDS);
}

const options = benchOptions(9);
const subjects = contests.flatMap(({ name, aode, peers }) => [
  { key: name, run: aode, times: [] as number[] },
  ...Object.entries(peers).map(([peer, run]) => ({ key: `${name}/${peer}`, run, times: [] as number[] })),
]);
for (let i = 0; i < WARMUP_TURNS; i += 1) for (const { run } of subjects) turn(run);
for (let i = 0; i < options.runs; i += 1) for (const { run, times } of subjects) times.push(turn(run));

const timesOf = (key: string): readonly number[] => subjects.find((one) => one.key === key)?.times ?? [];
const times: Figure[] = contests.map(({ name, peers }) =>
  figure(
    { name, unit: 'ns', better: 'lower' },
    timesOf(name),
    Object.fromEntries(Object.keys(peers).map((peer) => [peer, timesOf(`${name}/${peer}`)])),
  ),
);
const heaps: Figure[] = contests.map(({ name, aode }) =>
  figure(
    { name: `heap, ${name}`, unit: 'bytes', better: 'lower' },
    Array.from({ length: options.runs }, () => bytesOf(aode)),
  ),
);
publish('sampling', options, [...times, ...heaps]);
if (kept === 0) throw new Error('nothing was measured');
