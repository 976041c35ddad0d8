/** What `aode doctor` is told by a process that runs with AODE_DOCTOR: one JSON file a thread. */
import type { ClockReport } from '../clock/clock-reading.ts';
import type { Ledger } from '../loss/ledger.ts';
import type { LostContext } from '../loss/lost-context.ts';

/** Places are `file:line:column`; undefined where only libraries ran. */
export interface DoctorReport {
  readonly version: 1;
  readonly pid: number;
  /** 0 for the main thread. */
  readonly thread: number;
  /** The entry script, as it was given. */
  readonly script: string | undefined;
  readonly node: string;
  readonly sdk: string;
  /** The thread was ending when this was written. */
  readonly isOver: boolean;
  /** Why the SDK did not start; everything below is empty then. */
  readonly failure: string | undefined;
  readonly boundaries: readonly UsedBoundary[];
  readonly libraries: readonly LoadedLibrary[];
  /** Version of `@opentelemetry/api` whose globals are in use. */
  readonly api: string | undefined;
  /** Packages of OpenTelemetry's own SDK that were loaded. */
  readonly otherSdks: readonly string[];
  readonly early: readonly EarlyPackage[];
  readonly unfinished: readonly UnfinishedSpans[];
  readonly misused: readonly MisusedSpans[];
  readonly lostContexts: readonly LostContext[];
  readonly losses: Readonly<Record<string, number>>;
  readonly ledger: Ledger | undefined;
  /** How the clock of the process stands, by which spans and lines have their times. */
  readonly clock: ClockReport | undefined;
}

export interface UsedBoundary {
  readonly boundary: 'http server' | 'http client' | 'fetch' | 'worker thread' | 'log lines';
  readonly count: number;
}

export interface LoadedLibrary {
  readonly name: string;
  readonly version: string;
  /** Undefined: nobody, its calls are not seen. */
  readonly instrumentedBy: string | undefined;
}

/** Loaded before what instruments it, so that it stays as it is. */
export interface EarlyPackage {
  readonly name: string;
  /** The line that loads it, where it is known. */
  readonly importedAt: string | undefined;
  /** The call of `startAode`, or the instrumentation that came too late. */
  readonly lateBy: string;
}

export interface UnfinishedSpans {
  readonly name: string;
  readonly place: string | undefined;
  readonly count: number;
  readonly ageMs: number;
}

export interface MisusedSpans {
  readonly name: string;
  readonly how: 'ended twice' | 'written after its end';
  readonly startedAt: string | undefined;
  readonly place: string | undefined;
  readonly count: number;
}
