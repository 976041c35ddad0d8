/**
 * What every store must do, whatever engine stands behind it. A store registers itself with a way to open it; each test
 * opens its own.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LogQuery, Store, TimeRange, TraceQuery } from '../store/store.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

export interface StoreSettings {
  readonly clock: ManualClock;
  /** The same place twice is the same data. Undefined keeps nothing. */
  readonly directory?: string;
  readonly bytesMax?: number;
  readonly ageMaxMs?: number;
}

export interface StoreUnderTest {
  readonly name: string;
  open(settings: StoreSettings): Promise<Store>;
}

/** 2026-03-01T12:00Z. */
export const NOON_MS = 1_772_366_400_000;
export const MINUTE_MS = 60_000;

/** An hour on both sides of noon. */
export const AROUND: TimeRange = { startMs: NOON_MS - 60 * MINUTE_MS, endMs: NOON_MS + 60 * MINUTE_MS };
/** All of time. */
export const EVER: TimeRange = { startMs: 0, endMs: Number.POSITIVE_INFINITY };

export interface Opened {
  readonly store: Store;
  readonly clock: ManualClock;
}

export type Check = (opened: Opened, t: TestContext) => Promise<void>;

interface CheckSettings extends Omit<StoreSettings, 'clock' | 'directory'> {
  /** In a directory of its own rather than in memory. */
  readonly onDisk?: boolean;
}

/** An empty directory that goes with the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'aode-store-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Registers a test with a store in memory that is open at noon and closed at the end. */
export function check(
  under: StoreUnderTest,
  name: string,
  run: Check,
  { onDisk = false, ...settings }: CheckSettings = {},
): void {
  test(`${under.name}: ${name}`, async (t) => {
    const clock = manualClock(NOON_MS);
    const place = onDisk ? { directory: temporaryDirectory(t) } : {};
    const store = await under.open({ clock, ...place, ...settings });
    try {
      await run({ store, clock }, t);
    } finally {
      await store.close();
    }
  });
}

export const traceQuery = (over: Partial<TraceQuery> = {}): TraceQuery => ({
  ...AROUND,
  attributes: [],
  limit: 100,
  ...over,
});

export const logQuery = (over: Partial<LogQuery> = {}): LogQuery => ({
  ...AROUND,
  attributes: [],
  limit: 100,
  ...over,
});

/** Pages through a list until it ends and gives all ids in the order in which they came. */
export async function allPages(
  page: (cursor: string | undefined) => Promise<{ ids: readonly string[]; nextCursor: string | null }>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { ids, nextCursor } = await page(cursor);
    assert.ok(ids.length > 0 || nextCursor === null, 'a page that goes on is not empty');
    seen.push(...ids);
    cursor = nextCursor ?? undefined;
    await between();
  } while (cursor !== undefined);
  return seen;
}
