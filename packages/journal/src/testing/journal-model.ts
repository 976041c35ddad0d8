/** A journal as one plain list that is searched from end to end: too slow to use, too simple to be wrong. */
import fc from 'fast-check';
import type { Frame, JournalFrame, JournalUsage } from '../journal.ts';

export type Call =
  | { readonly kind: 'append'; readonly frame: Frame }
  /** `part` of the way from the acknowledged to the newest sequence. */
  | { readonly kind: 'read'; readonly part: number; readonly bytesMax: number }
  | { readonly kind: 'hold'; readonly part: number }
  | { readonly kind: 'acknowledge'; readonly part: number }
  | { readonly kind: 'release' };

const part = fc.nat(20).map((n) => n / 20);
const frame: fc.Arbitrary<Frame> = fc.record({
  signal: fc.constantFrom('traces' as const, 'logs' as const, 'metrics' as const),
  priority: fc.oneof(fc.nat(3), fc.constant(255)),
  recordCount: fc.nat(5),
  payload: fc.uint8Array({ maxLength: 30 }),
});

/** Appends far more often than it takes away, so that the bound is reached. */
export const CALL: fc.Arbitrary<Call> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('append' as const), frame }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('read' as const), part, bytesMax: fc.nat(60) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), part }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), part }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'release' as const }) },
);

interface JournalModel {
  readonly appended: number;
  readonly acknowledged: number;
  /** Sequences in the order in which they were dropped. */
  readonly dropped: readonly number[];
  append(frame: Frame): number | undefined;
  read(afterSequence: number, bytesMax: number): JournalFrame[];
  hold(sequence: number): void;
  release(): void;
  acknowledge(sequence: number): void;
  usage(): JournalUsage;
}

export function createModel(bytesMax: number, overheadBytes: number): JournalModel {
  let frames: JournalFrame[] = [];
  let heldTo = 0;
  let appended = 0;
  let acknowledged = 0;
  const dropped: number[] = [];
  const bytesOf = (list: readonly Frame[]): number =>
    list.reduce((sum, { payload }) => sum + payload.byteLength + overheadBytes, 0);
  return {
    get appended() {
      return appended;
    },
    get acknowledged() {
      return acknowledged;
    },
    dropped,
    append(given) {
      const weakest = frames
        .filter(({ sequence, priority }) => sequence > heldTo && priority <= given.priority)
        .sort((a, b) => a.priority - b.priority || a.sequence - b.sequence);
      for (let count = 0; count <= weakest.length; count += 1) {
        const gone = weakest.slice(0, count);
        const left = frames.filter((one) => !gone.includes(one));
        if (bytesOf([...left, given]) > bytesMax) continue;
        appended += 1;
        frames = [...left, { ...given, form: 'otlp', sequence: appended }];
        dropped.push(...gone.map(({ sequence }) => sequence));
        return appended;
      }
      return undefined;
    },
    read(afterSequence, most) {
      const behind = frames.filter(({ sequence }) => sequence > afterSequence);
      let bytes = 0;
      const end = behind.findIndex(({ payload }, i) => {
        bytes += payload.byteLength;
        return i > 0 && bytes > most;
      });
      return end < 0 ? behind : behind.slice(0, end);
    },
    hold(sequence) {
      heldTo = Math.max(heldTo, sequence);
    },
    release() {
      heldTo = 0;
    },
    acknowledge(sequence) {
      acknowledged = sequence;
      frames = frames.filter((one) => one.sequence > sequence);
    },
    usage: () => ({
      frameCount: frames.length,
      recordCount: frames.reduce((sum, { recordCount }) => sum + recordCount, 0),
      bytes: bytesOf(frames),
    }),
  };
}
