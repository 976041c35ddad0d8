/** What `aode doctor` has found out, as `--json` prints it. */
import type { DoctorReport } from '@aode/sdk';

/** `note`: worth knowing, no reason to fail. */
export type Severity = 'good' | 'note' | 'problem';

export interface Check {
  readonly name: 'node' | 'sdk' | 'api' | 'hub' | 'clock' | 'disk';
  readonly severity: Severity;
  readonly text: string;
}

/** One boundary, as a request of the probe crossed it. */
export interface ProbeRow {
  readonly boundary: string;
  readonly traceId: 'kept' | 'lost';
  /** `unknown`: there is no logger to ask. */
  readonly logId: 'present' | 'absent' | 'unknown';
  readonly span: 'ended' | 'open' | 'none';
  readonly by: string;
}

export interface Finding {
  readonly kind:
    | 'not_started'
    | 'loaded_early'
    | 'span_unfinished'
    | 'span_misused'
    | 'context_lost'
    | 'other_sdk'
    | 'not_instrumented'
    | 'loss'
    | 'no_process';
  readonly severity: Exclude<Severity, 'good'>;
  readonly text: string;
  /** `file:line` or `file:line:column`; null where it is not known. */
  readonly place: string | null;
  /** Entry script of the process. */
  readonly script: string | null;
}

export interface Diagnosis {
  readonly environment: readonly Check[];
  /** Null when a program was run instead. */
  readonly probes: readonly ProbeRow[] | null;
  /** One a thread of the program and of what it started; null without a program. */
  readonly processes: readonly DoctorReport[] | null;
  readonly findings: readonly Finding[];
}

export function isGood({ environment, probes, findings }: Diagnosis): boolean {
  return (
    environment.every(({ severity }) => severity !== 'problem') &&
    (probes ?? []).every(isKept) &&
    findings.every(({ severity }) => severity !== 'problem')
  );
}

export function isKept({ traceId, logId, span }: ProbeRow): boolean {
  return traceId === 'kept' && logId !== 'absent' && span !== 'open';
}
