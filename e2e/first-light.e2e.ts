/**
 * First light: `npm start` in a clean clone; twelve services appear, a request is seen through all of them, and when
 * one starts to fail, the board names it and leads to the line that says why. Pictures of each page stay in e2e/out.
 */
import type {
  CausesResponse,
  ServicesResponse,
  SpanRow,
  TraceResponse,
  TracesResponse,
} from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SPAN_KIND } from '@aode/wire';
import type { Browser, Page } from 'playwright-core';
import { SERVICES } from '../examples/shop/services.ts';
import { openPage, overflow, startBrowser, type View } from './browser.ts';
import { makeClone, npmStart, OUT, processesIn, type Started } from './clone.ts';
import { freePorts, getJson } from './hub-process.ts';

/** Limits that the project has set itself, in seconds, on two cores. */
const FIRST_START_MAX = 45;
const START_MAX = 15;
const CAUSE_MAX = 30;
const GONE_MAX = 10;

const NAMES = SERVICES.map((s) => s.name);
let clone: string;
let started: Started;
let browser: Browser;
let board: string;
let args: string[];
let failed: TraceResponse;

before(async () => {
  clone = makeClone('first-light');
  const ports = await freePorts();
  board = `http://127.0.0.1:${ports.board}`;
  args = [`--port=${ports.board}`, `--otlp-http-port=${ports.http}`, `--otlp-grpc-port=${ports.grpc}`];
  args.push('--shop-port=7600');
  browser = await startBrowser();
  started = npmStart(clone, args);
});
after(async () => {
  await browser.close();
  if (started.child.exitCode === null && started.child.signalCode === null) await started.interrupt();
  rmSync(clone, { recursive: true, force: true });
});

const api = <T>(path: string): Promise<T> => getJson<T>(`${board}/aode/v1/${path}`);

/** Asks until the answer is good, and gives it with the seconds that it took. */
async function until<T>(
  seconds: number,
  ask: () => Promise<T | undefined>,
): Promise<{ answer: T; seconds: number }> {
  const from = performance.now();
  for (;;) {
    const answer = await ask();
    const passed = (performance.now() - from) / 1000;
    if (answer !== undefined) return { answer, seconds: passed };
    assert.ok(passed < seconds, `not within ${seconds} s`);
    await pause(200);
  }
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(board + path);
  await page.locator('[data-ready="true"]').waitFor();
}

test('twelve services are on the board in time', { timeout: 90_000 }, async (t) => {
  const { match } = await started.line(/^12 services on the board ([\d.]+) s/);
  const seconds = Number(match[1]);
  t.diagnostic(`first start, with building the board: ${seconds} s`);
  assert.ok(seconds <= FIRST_START_MAX, `${seconds} s`);
  const { services } = await api<ServicesResponse>('services');
  assert.deepEqual(services.map((s) => s.name).toSorted(), NAMES.toSorted());
});

test('the overview lists them', { timeout: 60_000 }, async () => {
  const { page, context, offences } = await openPage(browser, board, {
    width: 1440,
    theme: 'light',
    language: 'en',
  });
  await visit(page, '/');
  for (const name of NAMES) await page.getByRole('table').getByText(name, { exact: true }).first().waitFor();
  assert.deepEqual(offences, []);
  await context.close();
});

/** Services on the way from a span up to its root. */
function chainOf(span: SpanRow, byId: ReadonlyMap<string, SpanRow>): string[] {
  const chain: string[] = [];
  for (let at: SpanRow | undefined = span; at !== undefined; at = byId.get(at.parentSpanId)) {
    if (chain.at(-1) !== at.service) chain.push(at.service);
  }
  return chain.toReversed();
}

test('a checkout goes through all twelve, every span in its place, log lines under their spans', async () => {
  const { answer: trace } = await until(20, async () => {
    const { traces } = await api<TracesResponse>('traces?service=mail&error=false&limit=1');
    const [newest] = traces;
    if (newest === undefined) return undefined;
    const found = await api<TraceResponse>(`traces/${newest.traceId}`);
    return isComplete(found) ? found : undefined;
  });
  const byId = new Map(trace.spans.map((s) => [s.spanId, s]));
  const chains = trace.spans.map((s) => chainOf(s, byId)).toSorted((a, b) => b.length - a.length);
  assert.deepEqual(chains[0], NAMES);
  assert.equal(trace.spans.filter((s) => s.parentSpanId === '').length, 1, 'one root');
  assert.ok(
    trace.spans.every((s) => s.parentSpanId === '' || byId.has(s.parentSpanId)),
    'no parent is missing',
  );
  for (const name of NAMES) {
    const lines = trace.logs.filter((l) => l.service === name);
    assert.ok(lines.length > 0, `${name} has log lines`);
    for (const line of lines)
      assert.equal(byId.get(line.spanId)?.service, name, `line of ${name}: ${line.body}`);
  }

  const { page, context, offences } = await openPage(browser, board, {
    width: 1440,
    theme: 'light',
    language: 'en',
  });
  // Rows beyond the window are not in the document.
  const rows = trace.spans.length + trace.logs.length;
  await page.setViewportSize({ width: 1440, height: 800 + rows * ROW_PX_MAX });
  await visit(page, `/trace/${trace.traceId}`);
  for (const name of NAMES) await page.locator('main').getByText(name, { exact: true }).first().waitFor();
  for (const { body } of trace.logs) await page.locator('main').getByText(body).first().waitFor();
  assert.deepEqual(offences, []);
  await context.close();
});

/** A row of the waterfall is lower than this. */
const ROW_PX_MAX = 40;

/** Each service delivers on its own, its spans and its lines one after the other. */
function isComplete({ spans, logs }: TraceResponse): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return (
    spans.every(({ parentSpanId }) => parentSpanId === '' || ids.has(parentSpanId)) &&
    NAMES.every(
      (name) =>
        spans.some(({ service, kind }) => service === name && kind === SPAN_KIND.server) &&
        logs.some(({ service }) => service === name),
    )
  );
}

test('the fault is on, and its service stands first among the causes', { timeout: 150_000 }, async (t) => {
  await started.line(/^fault on: payment answers 500/);
  const { answer, seconds } = await until(CAUSE_MAX, async () => {
    const causes = await api<CausesResponse>('causes');
    return causes.state === 'fault' && causes.causes[0]?.service === 'payment' ? causes : undefined;
  });
  t.diagnostic(
    `fault to first rank: ${seconds.toFixed(1)} s, ${answer.causes[0]?.scoreBits.toFixed(1)} bits`,
  );
});

test('from the causes page two clicks lead to the failing line', { timeout: 90_000 }, async () => {
  const { page, context, offences } = await openPage(browser, board, {
    width: 1440,
    theme: 'light',
    language: 'en',
  });
  const first = page.locator('.cause').first();
  await until(60, async () => {
    await visit(page, '/causes');
    const verdict = await first.locator('summary').textContent();
    const links = await first.getByRole('link', { name: /line/i }).count();
    return verdict?.includes('payment') === true && links > 0 ? true : undefined;
  });
  await first.getByRole('link', { name: /line/i }).first().click();
  await page.waitForURL(/\/trace\/[0-9a-f]{32}\?.*log=/);
  await page
    .getByText(/payment not recorded: no database connection/)
    .first()
    .waitFor();
  const id = /\/trace\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? '';
  failed = await api<TraceResponse>(`traces/${id}`);
  assert.equal(failed.cause?.service, 'payment');
  assert.deepEqual(offences, []);
  await context.close();
});

test('the terminal says the same', () => {
  const aode = (...rest: string[]): string =>
    execFileSync(
      process.execPath,
      ['--conditions=@aode/source', 'packages/cli/bin/aode.js', ...rest, '--hub', board],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    );
  assert.match(aode('causes'), /^fault since .*\n\n1\. payment /);
  const explained = aode('explain', failed.traceId);
  assert.match(explained, /^cause: payment .*500/m);
  assert.match(explained, /error payment not recorded: no database connection/);
});

const VIEWS: readonly View[] = [1440, 390].flatMap((width) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (['en', 'zh'] as const).map((language) => ({ width, theme, language })),
  ),
);

for (const view of VIEWS) {
  const name = `${view.width}-${view.theme}-${view.language}`;
  test(`pictures: ${name}`, { timeout: 120_000 }, async () => {
    const { page, context, offences } = await openPage(browser, board, view);
    mkdirSync(join(OUT, 'pictures'), { recursive: true });
    const pages = {
      overview: '/',
      traces: '/traces',
      trace: `/trace/${failed.traceId}`,
      logs: '/logs',
      causes: '/causes',
    };
    for (const [what, path] of Object.entries(pages)) {
      await visit(page, path);
      assert.equal(await page.evaluate(() => document.documentElement.lang.slice(0, 2)), view.language);
      assert.equal(await overflow(page), 0, `${what} is wider than the window`);
      await page.screenshot({ path: join(OUT, 'pictures', `${what}-${name}.png`) });
    }
    assert.deepEqual(offences, []);
    await context.close();
  });
}

test('Ctrl-C leaves no process', { timeout: 60_000 }, async (t) => {
  const from = performance.now();
  await started.interrupt();
  t.diagnostic(`Ctrl-C to the end: ${((performance.now() - from) / 1000).toFixed(1)} s`);
  assert.deepEqual(processesIn(clone), []);
});

test(
  'once built it is faster; killed without a word it leaves no process either',
  { timeout: 60_000 },
  async (t) => {
    started = npmStart(clone, [...args, '--no-fault']);
    const { match } = await started.line(/^12 services on the board ([\d.]+) s/);
    t.diagnostic(`start, once built: ${match[1]} s`);
    assert.ok(Number(match[1]) <= START_MAX, `${match[1]} s`);
    const [line] = processesIn(clone).filter(
      (l) => l.includes('tools/start.ts') && !/^\d+ (npm|sh) /.test(l),
    );
    process.kill(Number.parseInt(line ?? '', 10), 'SIGKILL');
    const { seconds } = await until(GONE_MAX, async () =>
      processesIn(clone).length === 0 ? true : undefined,
    );
    t.diagnostic(`SIGKILL to the last process gone: ${seconds.toFixed(1)} s`);
  },
);
