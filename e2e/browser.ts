/** Real Chromium for the board's tests: found, started quietly, and watched for what a board must never do. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CANDIDATES = [
  process.env['AODE_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export async function startBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error('no Chromium found: apt-get install chromium, or set AODE_CHROMIUM to its path');
  }
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, args });
}

export interface View {
  readonly width: number;
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'zh';
}

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, exceptions, blocked or outbound requests, dialogs: all of them defects. */
  readonly offences: string[];
}

/** A page of its own context whose every misdeed is written down. `origin` is the only place it may talk to. */
export async function openPage(browser: Browser, origin: string, view: View): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.theme,
    locale: view.language === 'zh' ? 'zh-CN' : 'en-GB',
  });
  // Two cores may be shared with a hub that is at work; yet less than a test has, so that a failure names its step.
  context.setDefaultTimeout(40_000);
  const page = await context.newPage();
  const offences: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      offences.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => offences.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    offences.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:')) offences.push(`outbound request: ${url}`);
  });
  return { page, context, offences };
}

/** What is drawn to measure (charts) is drawn anew in the frames after a resize; so many are granted. */
const FRAMES_MAX = 30;

/** By how many pixels the page is wider than its window, once it is at rest; 0 when nothing scrolls sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(async (framesMax) => {
    const wider = (): number =>
      Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth);
    for (let i = 0; i < framesMax && wider() > 0; i += 1) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
    return wider();
  }, FRAMES_MAX);
}
