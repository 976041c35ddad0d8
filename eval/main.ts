/**
 * Accuracy of the ranked causes on labelled faults:  npm run eval -- --data DIR [--json FILE] [--without KIND,…]
 *
 * DIR holds labels.json, cases/, nofault.json where there are fault-free windows, and ../baseline/ with calm traffic of
 * the same days. The analysis that is scored is the one that the board shows; it sees spans, lines and points, never a
 * label, a list of services, or the name of the set.
 *
 * AC@k: share of the true services among the first k, averaged over cases. Avg@5: mean of AC@1 … AC@5. Services with
 * the same score are ordered by a hash of the case and the name, so that no alphabet helps.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@aode/base';
import { type Kind, KINDS, rankCauses, THRESHOLD_BITS, type WindowSpan } from '@aode/hub/analysis';
import { type Case, readCase, readCases, readSpans } from './case-window.ts';

const BOOTSTRAP_ROUNDS = 2000;
const BOOTSTRAP_SEED = 1;
const K_MAX = 5;

interface Scored {
  readonly one: Case;
  /** Rank of each true service, from 1; 0 when it is not in the list. */
  readonly ranks: readonly number[];
  readonly first: string;
  readonly scoreBits: number;
  readonly seconds: number;
  /** AC@1 … AC@5. */
  readonly accuracy: readonly number[];
}

function scoreCase(
  directory: string,
  one: Case,
  calmDay: readonly WindowSpan[],
  without: ReadonlySet<Kind>,
): Scored {
  const { window, baseline } = readCase(directory, one, calmDay);
  const from = performance.now();
  const { services } = rankCauses(window, baseline, { without });
  const seconds = (performance.now() - from) / 1000;
  const luck = (name: string): string =>
    createHash('md5')
      .update(one.case + name)
      .digest('hex');
  const order = services
    .toSorted((a, b) => b.scoreBits - a.scoreBits || (luck(a.service) < luck(b.service) ? -1 : 1))
    .map(({ service }) => service);
  const truth = one.root_cause_services;
  const accuracy = Array.from({ length: K_MAX }, (_, i) => {
    const found = truth.filter((name) => order.slice(0, i + 1).includes(name)).length;
    return found / Math.min(i + 1, Math.max(1, truth.length));
  });
  const ranks = truth.map((name) => order.indexOf(name) + 1);
  return { one, ranks, first: order[0] ?? '', scoreBits: services[0]?.scoreBits ?? 0, seconds, accuracy };
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
const at = (rows: readonly Scored[], k: number): number =>
  mean(rows.map(({ accuracy }) => accuracy[k - 1] ?? 0));
const avg5 = (rows: readonly Scored[]): number => mean(rows.map(({ accuracy }) => mean(accuracy)));

/** Percentile bootstrap over cases, 95 %. */
function interval(rows: readonly Scored[]): [number, number] {
  const random = seededRandom(BOOTSTRAP_SEED);
  const means = Array.from({ length: BOOTSTRAP_ROUNDS }, () =>
    mean(rows.map(() => rows[random.below(rows.length)]?.accuracy[0] ?? 0)),
  ).sort((a, b) => a - b);
  const share = (p: number): number => means[Math.floor(p * (BOOTSTRAP_ROUNDS - 1))] ?? 0;
  return [share(0.025), share(0.975)];
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function printRow({ one, ranks, first, scoreBits, seconds }: Scored): void {
  const truth = one.root_cause_services.join('+');
  const verdict = truth === '' ? `quiet, said ${first}` : `rank ${ranks.join(',')}  ${truth}`;
  const wrong = truth !== '' && ranks[0] !== 1 ? `   said ${first}` : '';
  print(
    `${one.case}  ${one.fault_type.padEnd(16)} ${scoreBits.toFixed(1).padStart(6)} bits  ${seconds.toFixed(2)} s  ` +
      `${verdict}${wrong}`,
  );
}

function printSummary(title: string, rows: readonly Scored[]): void {
  const figures = `AC@1 ${at(rows, 1).toFixed(3)}  AC@3 ${at(rows, 3).toFixed(3)}  Avg@5 ${avg5(rows).toFixed(3)}`;
  print(`${title.padEnd(20)} n=${String(rows.length).padStart(3)}  ${figures}`);
}

const { values } = parseArgs({
  options: { data: { type: 'string' }, json: { type: 'string' }, without: { type: 'string' } },
});
if (values.data === undefined) {
  process.stderr.write('usage: npm run eval -- --data DIR [--json FILE] [--without KIND,…]\n');
  process.exit(2);
}
const directory = resolve(values.data);
const wanted = (values.without ?? '').split(',');
const without = new Set(KINDS.filter((kind) => wanted.includes(kind)));

const cases = readCases(directory, 'labels.json').filter((one) => one.root_cause_services.length > 0);
const quiet = readCases(directory, 'nofault.json');
if (cases.length === 0) {
  process.stderr.write(`no cases in ${join(directory, 'labels.json')}\n`);
  process.exit(3);
}

/** Calm days are read once; cases of a day stand together. */
let day: { readonly path: string; readonly spans: readonly WindowSpan[] } | undefined;
function run(one: Case): Scored {
  const path = join(directory, '..', one.baseline);
  if (day?.path !== path) day = { path, spans: readSpans(path) };
  const scored = scoreCase(directory, one, day.spans, without);
  printRow(scored);
  return scored;
}
const byDay = (list: readonly Case[]): Case[] => list.toSorted((a, b) => (a.baseline < b.baseline ? -1 : 1));
const rows = byDay(cases).map(run);
const still = byDay(quiet).map(run);
const alarms = still.filter(({ scoreBits }) => scoreBits > THRESHOLD_BITS).length;

print('');
printSummary('all', rows);
const byType = Map.groupBy(rows, ({ one }) => one.fault_type);
const types = [...byType].toSorted(([a], [b]) => (a < b ? -1 : 1));
for (const [type, list] of types) printSummary(type, list);
const [low, high] = interval(rows);
const seconds = [...rows, ...still].map((row) => row.seconds);
print(`AC@1 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`);
print(`quiet windows alarmed: ${alarms} of ${still.length}, above ${THRESHOLD_BITS} bits`);
print(`seconds per case: mean ${mean(seconds).toFixed(2)}, worst ${Math.max(...seconds).toFixed(2)}`);

if (values.json !== undefined) {
  const figures = (list: readonly Scored[]): object => ({
    cases: list.length,
    ac1: at(list, 1),
    ac3: at(list, 3),
    avg5: avg5(list),
  });
  const result = {
    set: basename(dirname(directory)),
    ...figures(rows),
    ci95: { ac1: [low, high] },
    byFault: Object.fromEntries(types.map(([type, list]) => [type, figures(list)])),
    quiet: { windows: still.length, alarms },
    secondsPerCase: mean(seconds),
    ranks: Object.fromEntries(rows.map(({ one, ranks }) => [one.case, ranks])),
  };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
