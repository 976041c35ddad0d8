/**
 * What an application costs that serves nothing and logs nothing: an HTTP server without an SDK, under
 * `--import @aode/sdk/register`, and under OpenTelemetry's `sdk-node`; with a hub that lives, with nobody there, and
 * after a burst of spans and lines that was delivered. All of them are alive at once, and a run is a stretch of time in
 * which all of them are measured side by side.
 *
 *   npm run bench -- idle [--json FILE] [--runs 5] [SECONDS, 45] [SECONDS BEFORE, 130]
 *
 * V8 collects the garbage of a program's start when it has done nothing for 100 s; the first run begins after that.
 * Wake-ups are voluntary switches of all threads. `over none` is what the SDK adds to the application's own.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from './idle-child.ts';
import { benchOptions, type Figure, figure, publish } from './measure.ts';
import { stopChild } from './otlp-sink.ts';
import { lookAt, ratesBetween } from './process-watch.ts';
import { startAode } from './servers.ts';

const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;
const OTEL = new URL('idle-otel.ts', import.meta.url).href;
/** Refuses at once. */
const NOBODY = 'http://127.0.0.1:1';

interface Side {
  readonly sdk: 'none' | 'aode' | 'otel';
  readonly hub: 'there' | 'away';
  readonly isAfterBurst: boolean;
}

const SDKS = ['none', 'aode', 'otel'] as const;
const CASES = {
  'a hub is there': { hub: 'there', isAfterBurst: false },
  'nobody is there': { hub: 'away', isAfterBurst: false },
  'after a burst': { hub: 'there', isAfterBurst: true },
} as const;
type CaseName = keyof typeof CASES;

interface Use {
  readonly wakes: number;
  readonly preemptions: number;
  readonly cpuMsPerMinute: number;
  readonly rssMiB: number;
  readonly wakesOf: ReadonlyMap<string, number>;
}

const options = benchOptions(5);
const [seconds = 45, secondsBefore = 130] = options.rest.map(Number);
const folder = mkdtempSync(join(tmpdir(), 'aode-bench-idle-'));
const hub = await startAode();

function start({ sdk, hub: where }: Omit<Side, 'isAfterBurst'>, journal: string): ChildProcess {
  const preload = { none: [], aode: ['--import', REGISTER], otel: ['--import', OTEL] }[sdk];
  return fork(join(import.meta.dirname, 'idle-child.ts'), {
    execArgv: ['--conditions=@aode/source', ...preload],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'idle',
      OTEL_EXPORTER_OTLP_ENDPOINT: where === 'there' ? hub.otlpHttp : NOBODY,
      AODE_JOURNAL_DIRECTORY: join(folder, journal),
    },
  });
}

async function ask(child: ChildProcess, what: Wish): Promise<unknown> {
  child.send(what);
  return ((await once(child, 'message')) as [unknown])[0];
}

async function use(child: ChildProcess): Promise<Use> {
  const cpuBefore = Number(await ask(child, 'cpu'));
  // The answer itself is over.
  await pause(500);
  const before = lookAt(child.pid ?? 0);
  await pause(seconds * 1000);
  const after = lookAt(child.pid ?? 0);
  const cpuMs = (Number(await ask(child, 'cpu')) - cpuBefore) / 1000 + after.childCpuMs - before.childCpuMs;
  const rates = ratesBetween(before, after);
  const sum = (of: 'wakes' | 'preemptions'): number => [...rates.values()].reduce((all, r) => all + r[of], 0);
  return {
    wakes: sum('wakes'),
    preemptions: sum('preemptions'),
    cpuMsPerMinute: (cpuMs * 60) / seconds,
    rssMiB: after.rssMiB,
    wakesOf: new Map([...rates].map(([name, { wakes }]) => [name, wakes])),
  };
}

const uses = new Map<string, Use[]>();
const key = (name: CaseName, sdk: Side['sdk']): string => `${name}, ${sdk}`;

const children = await Promise.all(
  Object.entries(CASES).flatMap(([name, one]) =>
    SDKS.map(async (sdk) => {
      const own = key(name as CaseName, sdk);
      const child = start({ ...one, sdk }, own);
      await once(child, 'message');
      if (one.isAfterBurst) await ask(child, 'burst');
      return { key: own, child };
    }),
  ),
);
await pause(secondsBefore * 1000);
for (let run = 0; run < options.runs; run += 1) {
  await Promise.all(
    children.map(async ({ key: own, child }) => {
      uses.set(own, [...(uses.get(own) ?? []), await use(child)]);
    }),
  );
}
await Promise.all(children.map(({ child }) => stopChild(child)));
await hub.stop();
rmSync(folder, { recursive: true });

const of = (name: CaseName, sdk: Side['sdk'], what: Exclude<keyof Use, 'wakesOf'>): number[] =>
  (uses.get(key(name, sdk)) ?? []).map((one) => one[what]);

function rows(name: CaseName): Figure[] {
  const none = of(name, 'none', 'wakes');
  const over = (sdk: Side['sdk']): number[] => of(name, sdk, 'wakes').map((own, i) => own - (none[i] ?? 0));
  const row = (title: string, unit: string, what: Exclude<keyof Use, 'wakesOf'>): Figure =>
    figure({ name: `${name}: ${title}`, unit, better: 'lower' }, of(name, 'aode', what), {
      none: of(name, 'none', what),
      'sdk-node': of(name, 'otel', what),
    });
  return [
    figure({ name: `${name}: wake-ups over none`, unit: '/s', better: 'lower' }, over('aode'), {
      'sdk-node': over('otel'),
    }),
    row('wake-ups', '/s', 'wakes'),
    row('preemptions', '/s', 'preemptions'),
    row('processor time', 'ms a minute', 'cpuMsPerMinute'),
    row('resident', 'MiB', 'rssMiB'),
  ];
}

publish('idle', options, (Object.keys(CASES) as CaseName[]).flatMap(rows));

/** By thread, the middle one of the runs by all its wake-ups. */
for (const [name, own] of uses) {
  const middle = own.toSorted((a, b) => a.wakes - b.wakes)[own.length >> 1];
  const threads = [...(middle?.wakesOf ?? [])].filter(([, wakes]) => wakes > 0).sort(([, a], [, b]) => b - a);
  process.stdout.write(
    `who wakes, ${name}: ${threads.map(([thread, wakes]) => `${thread} ${wakes.toFixed(2)}/s`).join(', ')}\n`,
  );
}
