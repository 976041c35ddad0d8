/**
 * The steps of `.ci/run` (`short`) and `.ci/nightly` (`long`), after the machine has been prepared. Both run the same
 * checks; they differ in rounds. What a short run leaves out is printed.
 */
import './node-version.js';
import { existsSync } from 'node:fs';
import { runSteps, type Step } from './run.ts';

const long = process.argv[2] === 'long';

/** Rounds of what can be run for any length of time. */
const rounds = {
  AODE_KILL_ROUNDS: long ? '50' : '15',
  AODE_JOURNAL_ROUNDS: long ? '40' : '6',
  AODE_E2E_OUTAGE_S: long ? '600' : '60',
  AODE_E2E_FAILOVERS: long ? '4' : '1',
  AODE_SUITE_SHARE: long ? '1' : '4',
  AODE_FUZZ_RUNS: long ? '20000' : '1000',
  AODE_E2E_FAILING: long ? '2000' : '200',
  AODE_E2E_GOOD: long ? '20000' : '3000',
};

/** Fleets of fifty processes, each from a seed of its own; the first always from the same. */
const SEEDS = long ? '10000' : '500';

/** Kills of a process that writes its journal. */
const CRASH_ROUNDS = long ? '1000' : '100';

const evalSets = ['tracerca-tt', 'nezha-tt', 'nezha-ob'].map((set) => ({
  set,
  data: `${process.env['AODE_RCA_DATA'] ?? '../shared/data/rca'}/${set}/dev`,
}));
const evalHere = evalSets.filter(({ data }) => existsSync(data));

const steps: Step[] = [
  { name: 'npm test', command: ['npm', 'test'], env: rounds },
  { name: 'npm run check', command: ['npm', 'run', '--silent', 'check'] },
  { name: 'npm run test:dist', command: ['npm', 'run', '--silent', 'test:dist'] },
  { name: 'npm run test:e2e', command: ['npm', 'run', '--silent', 'test:e2e'], env: rounds },
  {
    name: `npm run crash, ${CRASH_ROUNDS} rounds`,
    command: ['npm', 'run', '--silent', 'crash', '--', '--rounds', CRASH_ROUNDS],
  },
  { name: `npm run sim, ${SEEDS} seeds`, command: ['npm', 'run', '--silent', 'sim', '--', '--seeds', SEEDS] },
  ...evalHere.map(({ set, data }): Step => ({
    name: `npm run eval, ${set}`,
    command: ['npm', 'run', '--silent', 'eval', '--', '--data', data],
  })),
];
if (long) {
  steps.push({ name: 'npm run bench ingest', command: ['npm', 'run', '--silent', 'bench', '--', 'ingest'] });
}

const notRun = [
  'macOS, Windows: not tested anywhere',
  ...(long ? [] : ['arm64, emulated: .ci/nightly']),
  ...evalSets
    .filter((s) => !evalHere.includes(s))
    .map(({ set, data }) => `eval of ${set}: no data at ${data} (AODE_RCA_DATA)`),
  ...(long
    ? []
    : [
        `kill -9 rounds beyond ${rounds.AODE_KILL_ROUNDS}, property runs beyond ${rounds.AODE_FUZZ_RUNS}: .ci/nightly`,
        `outages beyond ${rounds.AODE_E2E_OUTAGE_S} s, ${rounds.AODE_E2E_FAILOVERS} failover of each kind: .ci/nightly`,
        `of pino's own tests all but one file in ${rounds.AODE_SUITE_SHARE}: .ci/nightly`,
        `fleets beyond ${SEEDS} seeds: .ci/nightly`,
        'benches against real Jaeger: .ci/nightly, or npm run bench -- ingest',
      ]),
];

// A night is too long to be over at the first failure.
process.exitCode = runSteps(long ? 'nightly' : 'run', steps, { notRun, goesOn: long });
