/**
 * The hostile corpus in every field of every signal: in a real browser no script runs, nothing is requested from
 * elsewhere and no layout breaks; in the terminal no control character passes; in the store nothing is changed.
 */
import { encodeLogs, encodeMetrics, encodeTraces } from '@aode/wire';
import type { TraceResponse, TracesResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openPage, overflow, startBrowser } from './browser.ts';
import { hostileRequests } from './hostile-corpus.ts';
import { getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const requests = hostileRequests();
let hub: HubProcess;
let browser: Browser;

before(async () => {
  hub = await startHubProcess(undefined);
  browser = await startBrowser();
  const bodies = {
    traces: encodeTraces(requests.traces),
    logs: encodeLogs(requests.logs),
    metrics: encodeMetrics(requests.metrics),
  };
  for (const [signal, body] of Object.entries(bodies)) {
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await fetch(`${hub.http}/v1/${signal}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    assert.equal(answer.status, 200, signal);
    assert.equal((await answer.arrayBuffer()).byteLength, 0, `${signal}: all of it accepted`);
  }
});
after(async () => {
  await browser.close();
  await hub.stop();
});

test('the API gives every string back as it came', async () => {
  for (const [traceId, text] of requests.byTrace) {
    const trace = await getJson<TraceResponse>(`${hub.board}/aode/v1/traces/${traceId}`);
    assert.equal(trace.spans.length, 2);
    for (const span of trace.spans) {
      assert.equal(span.name, text);
      assert.equal(span.statusMessage, text);
      assert.ok(span.attributes.some((a) => a.key === text && a.value === text));
    }
    assert.equal(trace.logs[0]?.body, text);
  }
});

test('search finds a trace by a hostile service, operation and attribute', async () => {
  for (const [traceId, text] of requests.byTrace) {
    if (text.trim() === '' || text.length > 5_000) continue; // An empty filter means none; a URL has its limit.
    const filter = new URLSearchParams({
      service: text,
      operation: text,
      attribute: `url.full=${text}`,
      limit: '1000',
    });
    const found = await getJson<TracesResponse>(`${hub.board}/aode/v1/traces?${filter.toString()}`);
    assert.ok(
      found.traces.some((t) => t.traceId === traceId),
      JSON.stringify(text),
    );
  }
});

const PAGES = [
  '/',
  '/traces',
  '/logs',
  '/causes',
  '/sdk',
  ...[...requests.byTrace.keys()].map((id) => `/trace/${id}`),
];

for (const width of [1440, 390]) {
  test(`the board at ${width} px runs nothing of it and holds its shape`, { timeout: 300_000 }, async () => {
    const { page, context, offences } = await openPage(browser, hub.board, {
      width,
      theme: 'light',
      language: 'en',
    });
    for (const path of PAGES) {
      await page.goto(hub.board + path);
      await page.locator('[data-ready="true"]').waitFor();
      const wider = await overflow(page);
      assert.equal(wider, 0, `${path} is ${wider} px wider than the window`);
      const broken = await page.evaluate('window.__broken');
      assert.equal(broken, undefined, `${path}: a script ran`);
    }
    assert.deepEqual(offences, []);
    await context.close();
  });
}

/** What a terminal would act on, a line feed excepted. */
const CONTROL = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

test('the terminal sees no control character', () => {
  const aode = ['--conditions=@aode/source', 'packages/cli/bin/aode.js'];
  for (const traceId of requests.byTrace.keys()) {
    const printed = execFileSync(process.execPath, [...aode, 'explain', traceId, '--hub', hub.board], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const found = CONTROL.exec(printed);
    assert.equal(found, null, `U+${found?.[0].codePointAt(0)?.toString(16)} in explain ${traceId}`);
  }
});
