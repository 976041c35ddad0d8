/**
 * Accuracy of the ranked causes on labelled faults:  npm run eval -- --data DIR [--json FILE] [--without KIND,…]
 *
 * DIR holds labels.json, cases/, nofault.json where there are fault-free windows, and ../baseline/ with calm traffic of
 * the same days. The analysis that is scored is the one that the board shows; it sees spans, lines and points, never a
 * label, a list of services, or the name of the set. Seconds are those of the analysis, without reading the files.
 *
 * Exit codes: 2 for a wrong command line, 3 for data that cannot be read.
 */
import { writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Kind, KINDS, rankCauses, THRESHOLD_BITS, type WindowSpan } from '@aode/hub/analysis';
import { BadData, type Case, readCase, readCases, readSpans } from './case-window.ts';
import {
  type Figures,
  figuresByFault,
  figuresOf,
  interval95,
  mean,
  scoreCase,
  type ScoredCase,
} from './score.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

interface Wanted {
  readonly directory: string;
  readonly json: string | undefined;
  readonly without: ReadonlySet<Kind>;
}

function main(): number {
  const wanted = commandLine();
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\nusage: npm run eval -- --data DIR [--json FILE] [--without KIND,…]\n`);
    return 2;
  }
  try {
    evaluate(wanted);
    return 0;
  } catch (error) {
    if (!(error instanceof BadData)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 3;
  }
}

/** In words, what is wrong with it. */
function commandLine(): Wanted | string {
  const options = {
    data: { type: 'string' },
    json: { type: 'string' },
    without: { type: 'string' },
  } as const;
  let values: { readonly data?: string; readonly json?: string; readonly without?: string };
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (values.data === undefined) return '--data is missing';
  const names = values.without === undefined ? [] : values.without.split(',');
  const without = KINDS.filter((kind) => names.includes(kind));
  const unknown = names.find((name) => !KINDS.some((kind) => kind === name));
  if (unknown !== undefined)
    return `--without: no kind ${JSON.stringify(unknown)}, there are ${KINDS.join(', ')}`;
  return { directory: resolve(values.data), json: values.json, without: new Set(without) };
}

function evaluate({ directory, json, without }: Wanted): void {
  const labels = join(directory, 'labels.json');
  const cases = readCases(labels).filter((one) => one.root_cause_services.length > 0);
  if (cases.length === 0) throw new BadData(`${labels}: no case with a root cause`);
  const quiet = readCases(join(directory, 'nofault.json'), 'may be absent');

  // Calm days are read once; cases of a day stand together.
  let day: { readonly path: string; readonly spans: readonly WindowSpan[] } | undefined;
  const run = (one: Case): ScoredCase => {
    const path = join(directory, '..', one.baseline);
    if (day?.path !== path) day = { path, spans: readSpans(path) };
    const { window, baseline } = readCase(directory, one, day.spans);
    const from = performance.now();
    const { services } = rankCauses(window, baseline, { without });
    const seconds = (performance.now() - from) / 1000;
    const truth = one.root_cause_services;
    const scored = scoreCase({ name: one.case, faultType: one.fault_type, truth, seconds }, services);
    print(caseLine(scored));
    return scored;
  };
  const byDay = (list: readonly Case[]): Case[] =>
    list.toSorted((a, b) => (a.baseline === b.baseline ? 0 : a.baseline < b.baseline ? -1 : 1));
  const rows = byDay(cases).map(run);
  const still = byDay(quiet).map(run);

  const seconds = [...rows, ...still].map((row) => row.seconds);
  const result = {
    set: basename(dirname(directory)),
    ...figuresOf(rows),
    ci95: { ac1: interval95(rows.map(({ accuracy }) => accuracy[0] ?? 0)) },
    byFault: figuresByFault(rows),
    quiet: {
      windows: still.length,
      alarms: still.filter(({ scoreBits }) => scoreBits > THRESHOLD_BITS).length,
    },
    secondsPerCase: mean(seconds),
    ranks: Object.fromEntries(rows.map(({ name, ranks }) => [name, ranks])),
  };
  print('');
  print(figuresLine('all', result));
  for (const [type, figures] of Object.entries(result.byFault)) print(figuresLine(type, figures));
  const [low, high] = result.ci95.ac1;
  print(`AC@1 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`);
  print(`quiet windows alarmed: ${result.quiet.alarms} of ${still.length}, above ${THRESHOLD_BITS} bits`);
  print(
    `seconds per case: mean ${result.secondsPerCase.toFixed(2)}, worst ${Math.max(...seconds).toFixed(2)}`,
  );
  if (json !== undefined) write(json, `${JSON.stringify(result, null, 2)}\n`);
}

function caseLine({ name, faultType, truth, order, ranks, scoreBits, seconds }: ScoredCase): string {
  const said = order[0] ?? 'nobody';
  const verdict = truth.length === 0 ? `quiet, said ${said}` : `rank ${ranks.join(',')}  ${truth.join('+')}`;
  const wrong = truth.length > 0 && !truth.includes(said) ? `   said ${said}` : '';
  const bits = `${scoreBits.toFixed(1).padStart(6)} bits`;
  return `${name}  ${faultType.padEnd(16)} ${bits}  ${seconds.toFixed(2)} s  ${verdict}${wrong}`;
}

function figuresLine(title: string, { cases, ac1, ac3, avg5 }: Figures): string {
  const figures = `AC@1 ${ac1.toFixed(3)}  AC@3 ${ac3.toFixed(3)}  Avg@5 ${avg5.toFixed(3)}`;
  return `${title.padEnd(20)} n=${String(cases).padStart(3)}  ${figures}`;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new BadData(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

process.exitCode = main();
