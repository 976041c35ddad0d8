/**
 * Does telemetry arrive? Real processes with the SDK report on themselves to a real hub, and a real browser shows what
 * became of every record: delivered by one, lost for want of room by another, silent a third.
 */
import type { SdkHealthResponse, SdkInstance, SdkLedger } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, overflow, startBrowser, type View } from './browser.ts';
import { getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const WIDE: View = { width: 1440, theme: 'light', language: 'en' };
const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

/** Requests that all arrive; three spans are ended twice. */
const ORDER = `
  for (let i = 0; i < 40; i += 1) {
    const span = tracer.startSpan('POST /order');
    span.end();
    if (i < 3) span.end();
  }`;

/** One trace that nobody has asked for, larger than its share of a small memory. */
const STOCK = `
  const root = tracer.startSpan('rebuild');
  for (let i = 0; i < 6000; i += 1) {
    tracer.startSpan('read', { attributes: { row: 'r'.repeat(200) } }, trace.setSpan(context.active(), root)).end();
  }
  root.end();
  tracer.startSpan('wait');`;

interface Shop {
  readonly order: ChildProcess;
  readonly stock: ChildProcess;
}

let browser: Browser;
let hub: HubProcess;
let shop: Shop;

before(async () => {
  [browser, hub] = await Promise.all([startBrowser(), startHubProcess(undefined)]);
  shop = {
    order: await application('order', ORDER, { AODE_SAMPLING_PROBABILITY: '1' }),
    stock: await application('stock', STOCK, {
      AODE_SAMPLING_PROBABILITY: '0',
      AODE_SAMPLING_TRACES_PER_SECOND_MIN: '0',
      AODE_MEMORY_BYTES: String(4 * 1024 * 1024),
      AODE_AGENT: 'inline',
    }),
  };
});
after(async () => {
  for (const child of [shop.order, shop.stock]) child.kill('SIGKILL');
  await browser.close();
  await hub.stop();
});

/** Runs until its standard input ends; resolves when its work is done. */
async function application(
  name: string,
  work: string,
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const script = `
    import { context, trace } from '@opentelemetry/api';
    const tracer = trace.getTracer('shop');
    ${work}
    process.stdin.resume();
    console.log('done');`;
  const child = spawn(
    process.execPath,
    ['--conditions=@aode/source', '--import', REGISTER, '--input-type=module', '--eval', script],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        AODE_HUB_OTLP: hub.http,
        AODE_SERVICE_NAME: name,
        AODE_METRIC_INTERVAL: '1000',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  assert.ok(child.stdout !== null);
  await once(child.stdout, 'data');
  return child;
}

async function onPage(path: string, act: (page: Page) => Promise<void>, view: View = WIDE): Promise<void> {
  const { page, context, offences } = await openPage(browser, hub.board, view);
  await page.goto(hub.board + path);
  await page.locator('[data-ready="true"]').waitFor();
  await act(page);
  assert.deepEqual(offences, []);
  await context.close();
}

const rowOf = (page: Page, service: string): ReturnType<Page['locator']> =>
  page.locator('.t-sdk .tr[tabindex]').filter({ hasText: service });

async function instanceOf(service: string): Promise<SdkInstance> {
  const { instances } = await getJson<SdkHealthResponse>(`${hub.board}/aode/v1/sdk-health`);
  return instances.find((row) => row.service === service) ?? assert.fail(`no ${service}`);
}

const lostOf = ({ droppedBefore, dropped }: SdkLedger): number =>
  Object.values({ ...droppedBefore, ...dropped }).reduce((sum, { total }) => sum + total, 0);

test(
  'each instance stands with what it lost, worst first, and the answer says it',
  { timeout: 120_000 },
  async () => {
    await onPage('/sdk', async (page) => {
      await rowOf(page, 'stock').getByText('loses').waitFor();
      await rowOf(page, 'order').getByText('delivers').waitFor();
      await rowOf(page, 'order').getByText('3 spans that were ended twice').waitFor();
      const services = await page.locator('.t-sdk .tr[tabindex] .svc').allTextContents();
      assert.deepEqual(services, ['stock', 'order']);
      const order = await instanceOf('order');
      assert.equal(order.addsUp, true);
      assert.equal(order.agent, 'worker');
      assert.equal(order.spans.started.total, 40);
      assert.equal(order.spans.delivered.total, 40);
      const stock = await instanceOf('stock');
      assert.equal(stock.addsUp, true);
      assert.equal(stock.agent, 'inline');
      assert.equal(stock.spans.started.total, 6002);
      assert.equal(stock.spans.open, 1);
      const lost = lostOf(stock.spans);
      assert.ok(lost > 0 && stock.horizonSeconds !== null);
      const number = new Intl.NumberFormat('en-GB').format(lost).replace(',', '\u202f');
      await page.getByText(`${number} records were lost in this range`).waitFor();
    });
  },
);

test(
  'a row opens to its ledger by mouse and key; the link opens the same',
  { timeout: 120_000 },
  async () => {
    await onPage('/sdk', async (page) => {
      const stock = rowOf(page, 'stock');
      await stock.getByText('loses').waitFor();
      await stock.click();
      const detail = page.locator('.sdk-detail');
      await detail.getByText('larger than a trace may be').first().waitFor();
      await detail.getByText('Every record is accounted for.').waitFor();
      const { instanceId } = await instanceOf('stock');
      assert.equal(new URL(page.url()).searchParams.get('instance'), instanceId);
      await page.reload();
      await detail.waitFor();
      await rowOf(page, 'stock').focus();
      await page.keyboard.press('Enter');
      await detail.waitFor({ state: 'detached' });
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await detail.getByText('spans that were ended twice').waitFor();
      // The sum on the page: what began is what ended and what is open.
      const cells = await detail.locator('table').first().locator('tbody td:last-child').allTextContents();
      assert.equal(cells[0], '40');
      assert.equal(cells.at(-1), '40');
    });
  },
);

test('g s, the footer and the pages lead here', { timeout: 120_000 }, async () => {
  await onPage('/', async (page) => {
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL((url) => url.pathname === '/sdk');
    await page.goto(hub.board);
    await page.locator('.foot a', { hasText: 'lost' }).click();
    await page.waitForURL((url) => url.pathname === '/sdk');
    assert.equal(await page.locator('.nav [aria-current="page"]').textContent(), 'SDK health');
  });
});

test(
  'who has not reported for a minute is silent; a range without reports teaches',
  { timeout: 120_000 },
  async () => {
    const now = Date.now();
    const later = `start=${now - 900_000}&end=${now + 300_000}`;
    await onPage(`/sdk?${later}&service=order`, async (page) => {
      await rowOf(page, 'order').getByText('silent').waitFor();
      await page.getByText('0 of 1 instance delivers, 1 has fallen silent').waitFor();
    });
    await onPage('/sdk?start=1000000000000&end=1000000900000', async (page) => {
      await page.getByText('No SDK has reported on itself in this range.').waitFor();
      await page.getByText('AODE_METRIC_INTERVAL=0 turns the reports off.').waitFor();
    });
  },
);

test('the page holds its shape in both languages at 360 to 1920 px', { timeout: 120_000 }, async () => {
  const { instanceId } = await instanceOf('stock');
  for (const language of ['en', 'zh'] as const) {
    const view: View = { width: 390, theme: 'dark', language };
    await onPage(
      `/sdk?instance=${instanceId}`,
      async (page) => {
        await page.locator('.sdk-detail').waitFor();
        for (const width of [360, 390, 768, 1024, 1280, 1920]) {
          await page.setViewportSize({ width, height: 900 });
          assert.equal(await overflow(page), 0, `${width} px in ${language}`);
        }
      },
      view,
    );
  }
});

test('a process that ends says so to the last record', { timeout: 120_000 }, async () => {
  const exited = once(shop.order, 'exit');
  shop.order.stdin?.end();
  assert.deepEqual(await exited, [0, null]);
  const { spans, addsUp } = await instanceOf('order');
  assert.equal(addsUp, true);
  assert.equal(spans.waiting, 0);
  assert.equal(spans.delivered.total, 40);
});
