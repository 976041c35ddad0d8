/**
 * Watches a process that runs under `aode doctor` and writes what it has seen into a file, twice a second and at the
 * end, so that there is one however the process ends. Nothing of it runs without AODE_DOCTOR.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { type Clock, durationMs, errorLine, isAodeError } from '@aode/base';
import { isOwnAgent } from '@aode/journal';
import type { ClockReport } from '../clock/clock-reading.ts';
import type { Environment } from '../env.ts';
import type { Ledger } from '../loss/ledger.ts';
import type { LostContext } from '../loss/lost-context.ts';
import { type CapturedStack, captureStack, placeOf } from '../trace/code-place.ts';
import type { Misuse, Recorder } from '../trace/recorder.ts';
import type { RecordingSpan } from '../trace/span.ts';
import { contribOf, instrumenterOf, isKnown } from './known-packages.ts';
import { importLine, type LoadedPackage, loadedPackages, versionIn } from './loaded-packages.ts';
import type { DoctorReport, EarlyPackage, MisusedSpans, UnfinishedSpans, UsedBoundary } from './report.ts';

/** Twice a second: as old as a report can be when the process is killed. */
const WRITE_MS = 500;
/** Rows of each kind; one reason has rarely more. */
const ROWS_MAX = 64;
const FRAMES = 32;

const CHANNELS: readonly (readonly [string, UsedBoundary['boundary']])[] = [
  ['http.server.request.start', 'http server'],
  ['http.client.request.created', 'http client'],
  ['undici:request:create', 'fetch'],
  ['worker_threads', 'worker thread'],
];

/** What of a running SDK is looked at. */
export interface Patient {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly clockReport: () => ClockReport;
  readonly ledger: () => Ledger;
  readonly losses: () => Readonly<Partial<Record<string, number>>>;
  readonly lostContexts: () => readonly LostContext[];
}

export interface DoctorParts {
  /** Where the reports go. */
  readonly folder: string;
  readonly sdkVersion: string;
  /** Packages that the load hook patches. */
  readonly patched: readonly string[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** One a thread, also where a second copy of this package is installed. */
const DOCTOR = Symbol.for('aode.doctor');
const threadWide = globalThis as { [DOCTOR]?: Doctor };

/** Undefined where nobody has asked for one. */
export function processDoctor(env: Environment, sdkVersion: string): Doctor | undefined {
  const folder = env['AODE_DOCTOR'];
  if (folder === undefined || folder === '') return undefined;
  return (threadWide[DOCTOR] ??= new Doctor({ folder, sdkVersion, patched: PATCHED }));
}

/** Packages that are useless to Aode once they were loaded without it. */
const PATCHED = ['pino', 'winston', 'bunyan'];

export class Doctor implements Disposable {
  readonly #parts: DoctorParts;
  readonly #used = new Map<UsedBoundary['boundary'], number>();
  readonly #early = new Map<string, EarlyPackage>();
  readonly #misused = new Map<string, Writable<MisusedSpans>>();
  #patient: Patient | undefined;
  #timer: Disposable | undefined;
  #stop: readonly (() => void)[] = [];

  constructor(parts: DoctorParts) {
    this.#parts = parts;
  }

  /** The SDK is started, or it was by a preload: what is loaded by now is not patched, or would not be. */
  starting(stack: CapturedStack): void {
    const lateBy = placeOf(stack);
    const script = process.argv[1];
    for (const { name, parent } of loadedPackages()) {
      if (!this.#parts.patched.includes(name) || this.#early.has(name)) continue;
      const importedAt = importLine(name, [parent, fileOf(lateBy), script]);
      this.#early.set(name, { name, importedAt, lateBy: lateBy ?? 'the preload' });
    }
  }

  /** It runs. */
  attend(patient: Patient): void {
    this.#patient = patient;
    this.#stop = CHANNELS.map(([channel, boundary]) => {
      const count = (message: unknown): void => {
        if (isOwn(message)) return;
        this.#used.set(boundary, (this.#used.get(boundary) ?? 0) + 1);
      };
      subscribe(channel, count);
      return () => void unsubscribe(channel, count);
    });
    const again = (): void => {
      this.write(false);
      this.#timer = patient.clock.timer(durationMs(WRITE_MS), again);
    };
    again();
  }

  [Symbol.dispose](): void {
    this.write(true);
    this.#patient = undefined;
    this.#timer?.[Symbol.dispose]();
    this.#stop.forEach((stop) => stop());
  }

  misused(span: RecordingSpan, misuse: Misuse): void {
    const place = placeOf(captureStack(FRAMES));
    const how = misuse === 'end' ? 'ended twice' : 'written after its end';
    const key = `${how} ${span.name} ${place}`;
    const known = this.#misused.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#misused.size < ROWS_MAX) {
      const startedAt = this.#patient?.recorder.places.placeOf(span);
      this.#misused.set(key, { name: span.name, how, startedAt, place, count: 1 });
    }
  }

  /** The SDK could not start. */
  failed(error: unknown): void {
    const failure = isAodeError(error) ? errorLine(error) : String(error);
    this.#write({ ...this.#report(true), failure });
  }

  /** Writes what is known by now; before open spans are ended, if the thread is ending. */
  write(isOver: boolean): void {
    this.#write(this.#report(isOver));
  }

  #write(report: DoctorReport): void {
    const file = join(this.#parts.folder, `${process.pid}-${threadId}.json`);
    try {
      // A reader sees the old one or the new one.
      writeFileSync(`${file}.new`, JSON.stringify(report));
      renameSync(`${file}.new`, file);
    } catch {
      // The folder is gone, and with it whoever wanted to know.
    }
  }

  #report(isOver: boolean): DoctorReport {
    const patient = this.#patient;
    const packages = loadedPackages();
    const names = new Set(packages.map(({ name }) => name));
    const ledger = patient?.ledger();
    const boundaries = [...this.#used].map(([boundary, count]): UsedBoundary => ({ boundary, count }));
    const lines = ledger?.lines.started ?? 0;
    if (lines > 0) boundaries.push({ boundary: 'log lines', count: lines });
    return {
      version: 1,
      pid: process.pid,
      thread: threadId,
      script: process.argv[1],
      node: process.versions.node,
      sdk: this.#parts.sdkVersion,
      isOver,
      failure: undefined,
      boundaries,
      libraries: packages
        .filter(({ name }) => isKnown(name))
        .map(({ name, path }) => {
          const instrumentedBy = instrumenterOf(name, (other) => names.has(other));
          return { name, version: versionIn(path), instrumentedBy };
        }),
      api: apiVersion(),
      otherSdks: [...names].filter((name) => OTHER_SDK.test(name)),
      early: [...this.#early.values(), ...beforeContrib(packages)],
      unfinished: patient === undefined ? [] : unfinishedOf(patient.recorder),
      misused: [...this.#misused.values()],
      lostContexts: patient?.lostContexts() ?? [],
      losses: countsOf(patient?.losses() ?? {}),
      ledger,
      clock: patient?.clockReport(),
    };
  }
}

/** The first copy that was used names itself here, and all others of its major version use what it has. */
function apiVersion(): string | undefined {
  const globals = globalThis as { [key: symbol]: { readonly version?: unknown } | undefined };
  const version = globals[Symbol.for('opentelemetry.js.api.1')]?.version;
  return typeof version === 'string' ? version : undefined;
}

/** Those that make spans of their own. */
const OTHER_SDK =
  /^@opentelemetry\/sdk-(?:node|trace-node|trace-base|trace)$|^dd-trace$|^elastic-apm-node$|^@sentry\/node$/;

/** Libraries that were loaded before the contrib package that was to patch them. */
function beforeContrib(packages: readonly LoadedPackage[]): EarlyPackage[] {
  const found: EarlyPackage[] = [];
  packages.forEach(({ name, parent }, i) => {
    if (!isKnown(name)) return;
    const contrib = packages.findIndex((other) => other.name === contribOf(name));
    if (contrib <= i) return;
    const importedAt = importLine(name, [parent, process.argv[1]]);
    found.push({ name, importedAt, lateBy: contribOf(name) });
  });
  return found;
}

function unfinishedOf({ open, watched, places, timeline }: Recorder): UnfinishedSpans[] {
  const rows = new Map<string, Writable<UnfinishedSpans>>();
  const now = timeline.ticks();
  const add = (span: RecordingSpan): void => {
    const place = places.placeOf(span);
    const ageMs = Math.round(now - span.startTicks);
    const key = `${span.name} ${place}`;
    const row = rows.get(key);
    if (row === undefined) {
      if (rows.size < ROWS_MAX) rows.set(key, { name: span.name, place, count: 1, ageMs });
    } else {
      row.count += 1;
      row.ageMs = Math.max(row.ageMs, ageMs);
    }
  };
  for (const span of watched.spans()) add(span);
  for (let span = open.oldest; span !== undefined; span = span.newerOpen) add(span);
  return [...rows.values()];
}

function countsOf(losses: Readonly<Partial<Record<string, number>>>): Record<string, number> {
  return Object.fromEntries(Object.entries(losses).map(([reason, count]) => [reason, count ?? 0]));
}

function isOwn(message: unknown): boolean {
  const { request } = message as { readonly request?: { readonly agent?: unknown } };
  return request?.agent !== undefined && isOwnAgent(request.agent);
}

const fileOf = (place: string | undefined): string | undefined => place?.replace(/:\d+:\d+$/, '');
