/** Who wakes in a process, and how often, as Linux counts it: from outside, so that nobody is woken by being asked. */
import { readdirSync, readFileSync } from 'node:fs';

/** Switches of one thread since it began. */
interface Switches {
  readonly name: string;
  /** It slept and was woken. */
  readonly voluntary: number;
  /** It ran, and somebody else had its core: says how busy the machine is. */
  readonly involuntary: number;
}

export interface ProcessLook {
  readonly atMs: number;
  readonly threads: ReadonlyMap<string, Switches>;
  readonly rssMiB: number;
  /** Of programs that it has run and waited for, such as those that ask for the time. */
  readonly childCpuMs: number;
}

const MS_PER_TICK = 10;

export function lookAt(pid: number): ProcessLook {
  const folder = `/proc/${pid}`;
  const threads = new Map<string, Switches>();
  for (const thread of readdirSync(`${folder}/task`)) {
    const status = readFileSync(`${folder}/task/${thread}/status`, 'utf8');
    const count = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
    threads.set(thread, {
      name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
      voluntary: count('voluntary_ctxt_switches'),
      involuntary: count('nonvoluntary_ctxt_switches'),
    });
  }
  // After the parenthesised name: state is field 3 of the line, cutime 16, cstime 17 (proc(5)).
  const fields = readFileSync(`${folder}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const status = readFileSync(`${folder}/status`, 'utf8');
  return {
    atMs: performance.now(),
    threads,
    rssMiB: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    childCpuMs: (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK,
  };
}

/** Wake-ups and preemptions a second between two looks, by the names of threads; those of one name together. */
export function ratesBetween(
  before: ProcessLook,
  after: ProcessLook,
): ReadonlyMap<string, { readonly wakes: number; readonly preemptions: number }> {
  const seconds = (after.atMs - before.atMs) / 1000;
  const rates = new Map<string, { wakes: number; preemptions: number }>();
  for (const [thread, { name, voluntary, involuntary }] of after.threads) {
    const begun = before.threads.get(thread);
    const rate = rates.get(name) ?? { wakes: 0, preemptions: 0 };
    rate.wakes += (voluntary - (begun?.voluntary ?? 0)) / seconds;
    rate.preemptions += (involuntary - (begun?.involuntary ?? 0)) / seconds;
    rates.set(name, rate);
  }
  return rates;
}
