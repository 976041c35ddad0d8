/**
 * Severities of the levels of loggers: numbers of pino and bunyan, names of npm, syslog and the command line as
 * winston has them, mapped as OpenTelemetry maps them (logs data model, appendix B).
 */
import { SEVERITY } from './severity.ts';

const BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries({
    emerg: 'fatal',
    fatal: 'fatal',
    alert: 'error3',
    crit: 'error2',
    error: 'error',
    warning: 'warn',
    warn: 'warn',
    help: 'info3',
    notice: 'info2',
    data: 'info2',
    info: 'info',
    http: 'debug3',
    verbose: 'debug2',
    debug: 'debug',
    prompt: 'trace4',
    input: 'trace2',
    silly: 'trace',
    trace: 'trace',
  }).map(([name, severity]) => [name, SEVERITY[severity] ?? 0]),
);

/**
 * Of a level among all levels of a logger, the most severe of which has the lowest rank. One with a name of its own is
 * as severe as the next known one below it; 0, unspecified, where there is none.
 */
export function severityOfName(name: string, ranks: Readonly<Record<string, unknown>> = {}): number {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  const rank = ranks[name];
  if (typeof rank !== 'number') return 0;
  let next = Number.POSITIVE_INFINITY;
  let severity = 0;
  for (const [other, otherRank] of Object.entries(ranks)) {
    const of = BY_NAME.get(other);
    if (of === undefined || typeof otherRank !== 'number' || otherRank < rank || otherRank >= next) continue;
    next = otherRank;
    severity = of;
  }
  return severity;
}

/** pino's level numbers; what lies between two belongs to the lower. */
const LEVELS: readonly (readonly [number, number])[] = [
  [60, SEVERITY['fatal'] ?? 0],
  [50, SEVERITY['error'] ?? 0],
  [40, SEVERITY['warn'] ?? 0],
  [30, SEVERITY['info'] ?? 0],
  [20, SEVERITY['debug'] ?? 0],
];

export function severityOfLevel(level: number): number {
  return LEVELS.find(([least]) => level >= least)?.[1] ?? SEVERITY['trace'] ?? 0;
}
