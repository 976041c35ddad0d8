/**
 * The board in a real browser over a real hub: keys, links, ranges, filters, long lines, copying, an empty hub that
 * comes to life, and traces of ten and a hundred thousand spans. Every page is watched for errors and foreign requests.
 */
import type { TraceResponse, TracesResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type BoardData, LONG_LINE, sendBoardData, sendOne, TRACES } from './board-data.ts';
import { openPage, overflow, startBrowser, type View } from './browser.ts';
import { getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const WIDE: View = { width: 1440, theme: 'light', language: 'en' };

let browser: Browser;
let hub: HubProcess;
let data: BoardData;

before(async () => {
  [browser, hub] = await Promise.all([startBrowser(), startHubProcess(undefined)]);
  data = await sendBoardData(hub.http);
});
after(async () => {
  await browser.close();
  await hub.stop();
});

/** Runs on a page of its own and holds it to good manners. */
async function onPage(path: string, act: (page: Page) => Promise<void>, view: View = WIDE): Promise<void> {
  const { page, context, offences } = await openPage(browser, hub.board, view);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: hub.board });
  await visit(page, path);
  await act(page);
  assert.deepEqual(offences, []);
  await context.close();
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(hub.board + path);
  await ready(page);
}

const ready = (page: Page): Promise<void> => page.locator('[data-ready="true"]').waitFor();
const query = (page: Page): URLSearchParams => new URL(page.url()).searchParams;
const selected = (page: Page): ReturnType<Page['locator']> => page.locator('.wf-row[aria-selected="true"]');
const failedPath = (): string => `/trace/${data.failed.traceId}`;

test('an empty hub teaches, and its checks turn by themselves', { timeout: 120_000 }, async () => {
  const empty = await startHubProcess(undefined);
  const { page, context, offences } = await openPage(browser, empty.board, WIDE);
  await page.goto(empty.board);
  await page.getByText('Nothing has arrived yet').waitFor();
  assert.equal(await page.locator('.steps pre').count(), 3);
  assert.equal(await page.locator('.checks .glyph').count(), 1, 'the hub itself answers');
  await sendOne(empty.http);
  await page.getByText('Connected. 1 span and 1 log line have arrived.').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.checks .glyph').length === 4);
  await page.getByRole('button', { name: 'Go to the overview' }).click();
  await page.getByRole('table').getByText('front', { exact: true }).waitFor();
  assert.deepEqual(offences, []);
  await context.close();
  await empty.stop();
});

test('keys go to pages, to the search, to the help and back', { timeout: 120_000 }, async () => {
  await onPage('/', async (page) => {
    for (const [key, path] of [
      ['t', '/traces'],
      ['l', '/logs'],
      ['c', '/causes'],
      ['o', '/'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForURL((url) => url.pathname === path);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await visit(page, '/traces');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search');
    await page.keyboard.type('gt?');
    assert.equal(await page.locator('.query input').inputValue(), 'gt?', 'a key in a field belongs to it');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      const outline = activeElement === null ? '' : getComputedStyle(activeElement).outlineStyle;
      return { href: activeElement?.getAttribute('href') ?? '', outline };
    });
    assert.equal(focused.outline, 'solid', 'focus is seen');
    await page.keyboard.press('Enter');
    await page.waitForURL(hub.board + focused.href);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => url.pathname === '/traces');
  });
});

test(
  'in a trace j and k walk spans, lines and groups; [ and ] walk errors',
  { timeout: 120_000 },
  async () => {
    await onPage(failedPath(), async (page) => {
      await page.locator('.wf-row').first().waitFor();
      const walked: string[] = [];
      for (let step = 0; step < 4; step += 1) {
        await page.keyboard.press('j');
        walked.push((await selected(page).textContent()) ?? '');
      }
      assert.match(walked[0] ?? '', /GET \/checkout/);
      assert.match(walked[1] ?? '', /8 × SELECT price/);
      assert.match(walked[2] ?? '', /long line/);
      assert.match(walked[3] ?? '', /POST \/pay/);
      await page.keyboard.press('k');
      await page.keyboard.press('k');
      const rows = await page.locator('.wf-row').count();
      await page.keyboard.press('Enter');
      await page.waitForFunction((count) => document.querySelectorAll('.wf-row').length === count + 8, rows);
      // From the root, whose group is selected, to the next error and back.
      await page.keyboard.press(']');
      await selected(page).getByText('POST /pay').waitFor();
      await page.keyboard.press('[');
      await selected(page).getByText('GET /checkout').waitFor();
      await page.getByText(/named as parent by 1 span/).waitFor();
    });
  },
);

test('a link to a span and its line opens with both in sight', { timeout: 120_000 }, async () => {
  const { failed } = data;
  const trace = await getJson<TraceResponse>(`${hub.board}/aode/v1/traces/${failed.traceId}`);
  const line = trace.logs.find(({ spanId }) => spanId === failed.failedSpanId);
  assert.ok(line !== undefined);
  const path = `${failedPath()}?span=${failed.failedSpanId}&log=${line.id}`;
  await onPage(path, async (page) => {
    const row = selected(page);
    await row.getByText('error: no database connection').waitFor();
    const box = await row.boundingBox();
    assert.ok(box !== null && box.y >= 0 && box.y < 900, 'inside the window');
    const panel = page.locator('aside.panel');
    await panel.getByText('error: no database connection').first().waitFor();
    await panel.getByText('card.kind').waitFor();
  });
});

test('an attribute is copied as key=value, found, and made a filter', { timeout: 120_000 }, async () => {
  await onPage(`${failedPath()}?span=${data.failed.failedSpanId}`, async (page) => {
    await page.getByPlaceholder('find an attribute').fill('card');
    const attribute = page.locator('.attr');
    assert.equal(await attribute.count(), 1);
    await attribute.hover();
    await attribute.getByRole('button', { name: 'Copy as key=value' }).click();
    await attribute.getByText('✓').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'card.kind=debit');
    await page.getByPlaceholder('find an attribute').fill('docs.url');
    assert.equal(
      await attribute.getByRole('link', { name: /Open link/ }).getAttribute('rel'),
      'noopener noreferrer',
    );
    await page.getByPlaceholder('find an attribute').fill('card');
    await attribute.hover();
    await attribute.getByRole('link', { name: /Filter traces/ }).click();
    await page.waitForURL((url) => url.searchParams.get('attribute') === 'card.kind=debit');
    await page.getByText(`${TRACES / 5} of ${TRACES / 5} shown, newest first`).waitFor();
  });
});

test(
  'filters are chips in the address; what excludes all is named and dropped',
  { timeout: 120_000 },
  async () => {
    await onPage('/traces', async (page) => {
      await page.locator('.query input').fill('service=pay error=true operation=nothing');
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.searchParams.get('operation') === 'nothing');
      assert.equal(await page.locator('.query .chip').count(), 3);
      await page.getByText(/^0 of \d+ traces match/).waitFor();
      await page.getByText(`without it ${TRACES / 5} match`).waitFor();
      await page.getByRole('button', { name: 'Drop this filter' }).click();
      await page.waitForURL((url) => !url.searchParams.has('operation'));
      await page.getByText(`${TRACES / 5} of ${TRACES / 5} shown`).waitFor();
      await page.locator('.query .chip button').first().click();
      await page.waitForURL((url) => !url.searchParams.has('service'));
      await page.goBack();
      assert.equal(query(page).get('service'), 'pay', 'back takes the last step back');
      await page.goBack();
      assert.equal(query(page).get('operation'), 'nothing');
    });
  },
);

test(
  'the range holds for all pages; pausing fixes it, live follows again',
  { timeout: 120_000 },
  async () => {
    await onPage('/', async (page) => {
      await page.getByRole('combobox', { name: 'Time range' }).selectOption('60');
      await page.waitForURL((url) => url.searchParams.get('last') === '60m');
      await page.getByRole('link', { name: 'Logs' }).first().click();
      await page.waitForURL((url) => url.pathname === '/logs' && url.searchParams.get('last') === '60m');
      await page.locator('.tools .live').click();
      await page.waitForURL((url) => url.searchParams.has('start') && url.searchParams.has('end'));
      const length = Number(query(page).get('end')) - Number(query(page).get('start'));
      assert.equal(length, 3_600_000);
      await page.locator('.strip-box').focus();
      const before = query(page).get('start');
      await page.keyboard.press('ArrowLeft');
      await page.waitForURL((url) => url.searchParams.get('start') !== before);
      await page.locator('.tools .live').click();
      await page.waitForURL((url) => url.searchParams.get('last') === '60m');
    });
  },
);

test('a range without data leads to the newest', { timeout: 120_000 }, async () => {
  await onPage('/traces?start=1000000000000&end=1000000900000', async (page) => {
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.locator('.t-traces a.tr').first().waitFor();
  });
});

test('a long line is cut in the list and shown whole on demand', { timeout: 120_000 }, async () => {
  await onPage('/logs?text=long+line', async (page) => {
    const row = page.locator('.t-lines .tr').first();
    assert.ok(((await row.textContent()) ?? '').length < 1_000);
    await row.click();
    const detail = page.locator('.log-detail');
    await detail.getByRole('button', { name: /^Show all/ }).click();
    await page.waitForFunction(
      (length) => (document.querySelector('.log-detail .whole bdi')?.textContent ?? '').length === length,
      LONG_LINE.length,
    );
    await detail.getByRole('button', { name: 'copy', exact: true }).click();
    await detail.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), LONG_LINE);
    assert.equal(await overflow(page), 0);
  });
});

test(
  'a call that nobody has answered says so below it, narrow and wide, in both languages',
  { timeout: 120_000 },
  async () => {
    for (const [language, words] of [
      ['en', 'no answer recorded · process lost'],
      ['zh', '没有记录到应答 · 进程已丢失'],
    ] as const) {
      for (const width of [390, 1440]) {
        await onPage(
          `/trace/${data.lost}`,
          async (page) => {
            const row = page.locator('.wf-row', { hasText: words });
            await row.getByText('bank').waitFor();
            const said = await row.getByText(words).evaluate((it) => [it.scrollWidth, it.clientWidth]);
            assert.ok(
              (said[0] ?? 0) <= (said[1] ?? 0),
              `cut off at ${width} px in ${language}: ${said.join()}`,
            );
            await row.locator('.bar.stub').waitFor();
            await row.click();
            await page.waitForURL((url) => url.searchParams.has('span'));
          },
          { width, theme: 'light', language },
        );
      }
    }
  },
);

test('every page holds its shape in both languages at 360 to 1920 px', { timeout: 120_000 }, async () => {
  for (const language of ['en', 'zh'] as const) {
    await onPage(
      '/',
      async (page) => {
        const trace = `${failedPath()}?span=${data.failed.failedSpanId}`;
        const lost = `/trace/${data.lost}`;
        for (const path of ['/', '/traces?service=pay&error=true', trace, lost, '/logs', '/causes', '/sdk']) {
          await visit(page, path);
          for (const width of [360, 390, 768, 1024, 1280, 1920]) {
            await page.setViewportSize({ width, height: 900 });
            assert.equal(await overflow(page), 0, `${path} at ${width} px in ${language}`);
          }
        }
      },
      { width: 390, theme: 'dark', language },
    );
  }
});

/** Milliseconds of the tasks that kept the page from answering. */
const watchLongTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(Math.round(duration));
    }).observe({ type: 'longtask' });
  });
const longTasks = (page: Page): Promise<number[]> => page.evaluate('globalThis.longTasks.splice(0)');

for (const [count, traceOf] of [
  [10_000, () => data.tenThousand],
  [100_000, () => data.hundredThousand],
] as const) {
  test(`a trace of ${count} spans opens and scrolls to its end`, { timeout: 180_000 }, async (t) => {
    await onPage('/logs', async (page) => {
      const from = performance.now();
      await visit(page, `/trace/${traceOf()}`);
      await page.locator('.wf-row').nth(10).waitFor();
      t.diagnostic(`opened in ${(performance.now() - from).toFixed(0)} ms`);
      const rows = await page.locator('.wf').getAttribute('aria-rowcount');
      const partial = await page.getByText(/beyond what one answer holds/).count();
      t.diagnostic(`${rows} rows${partial > 0 ? ', a partial answer that says so' : ''}`);
      if (partial === 0) assert.equal(Number(rows), count);
      await watchLongTasks(page);
      await page.mouse.move(500, 600);
      for (let step = 0; step < 40; step += 1) {
        await page.mouse.wheel(0, 2_500);
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => drawn(null))));
      }
      const tasks = await longTasks(page);
      t.diagnostic(
        `40 turns of the wheel: ${tasks.length} tasks over 50 ms, longest ${Math.max(0, ...tasks)} ms`,
      );
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await page.locator(`.wf-row[aria-rowindex="${rows}"]`).waitFor();
      const drawn = await page.locator('.wf-row').count();
      assert.ok(drawn < 200, `${drawn} rows are on the page, not ${rows}`);
    });
  });
}

test('the large traces are found by their size of time', { timeout: 30_000 }, async () => {
  const range = `start=${data.largeAtMs - 60_000}&end=${data.largeAtMs + 60_000}`;
  const found = await getJson<TracesResponse>(
    `${hub.board}/aode/v1/traces?minDuration=1900000000&limit=10&${range}`,
  );
  const ids = found.traces.map(({ traceId }) => traceId).toSorted();
  assert.deepEqual(ids, [data.tenThousand, data.hundredThousand].toSorted());
});
