/**
 * What all benches share: spreads, ratios pair by pair, the machine, and the one form of a result file.
 *
 *   npm run bench -- NAME [--json FILE] [--runs N]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** One figure of a bench. `ratio` is above 1 where Aode is better, whatever direction `better` names. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly aode: Spread;
  readonly peers: Readonly<Record<string, Spread>>;
  readonly ratio: Readonly<Record<string, Spread>>;
}

export interface Report {
  readonly bench: string;
  readonly machine: string;
  readonly runs: number;
  readonly figures: readonly Figure[];
}

/** Least, middle and largest of the values; the middle of an even count is the mean of the two. */
function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number): number => sorted[i] ?? Number.NaN;
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
  return { min: at(0), median, max: at(sorted.length - 1) };
}

/**
 * A figure from the runs of both sides. Run i of Aode is compared with run i of a peer, which stood beside it in time,
 * so that a machine that grows slower during the bench does not favour whoever ran first.
 */
export function figure(
  what: Pick<Figure, 'name' | 'unit' | 'better'>,
  aode: readonly number[],
  peers: Readonly<Record<string, readonly number[]>> = {},
): Figure {
  const entries = Object.entries(peers);
  const ratio = (peer: readonly number[]): Spread =>
    spread(
      aode.map((own, i) => {
        const other = peer[i] ?? Number.NaN;
        return what.better === 'higher' ? own / other : other / own;
      }),
    );
  return {
    ...what,
    aode: spread(aode),
    peers: Object.fromEntries(entries.map(([name, values]) => [name, spread(values)])),
    ratio: Object.fromEntries(entries.map(([name, values]) => [name, ratio(values)])),
  };
}

/** The machine in one line: processor, cores, memory, kernel, Node. */
function machine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${memory}, Linux ${release()}, Node ${process.versions.node}`;
}

export interface BenchOptions {
  readonly json: string | undefined;
  readonly runs: number;
  readonly rest: readonly string[];
}

/** The arguments that every bench takes; what is left over is the bench's own. */
export function benchOptions(runsDefault: number): BenchOptions {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, runs: { type: 'string' } },
    allowPositionals: true,
  });
  return { json: values.json, runs: Number(values.runs ?? runsDefault), rest: positionals };
}

/** Prints the report as a table and writes it as JSON where `--json` asked for it. */
export function publish(bench: string, options: BenchOptions, figures: readonly Figure[]): void {
  const report: Report = { bench, machine: machine(), runs: options.runs, figures };
  process.stdout.write(
    `\n${bench}: ${report.runs} runs each, alternating; min – median – max\n${report.machine}\n`,
  );
  process.stdout.write(
    `load before: ${readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ')}\n\n`,
  );
  for (const { name, unit, better, aode, peers, ratio } of figures) {
    process.stdout.write(`${name} (${unit}, ${better} is better)\n`);
    process.stdout.write(`  aode  ${text(aode)}\n`);
    for (const [peer, values] of Object.entries(peers)) {
      const against = ratio[peer];
      const verdict = against === undefined ? '' : `   ratio ${text(against)}`;
      process.stdout.write(`  ${peer}  ${text(values)}${verdict}\n`);
    }
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

function text({ min, median, max }: Spread): string {
  return [min, median, max]
    .map((x) => (Math.abs(x) >= 100 ? Math.round(x).toString() : x.toPrecision(3)))
    .join(' – ');
}
