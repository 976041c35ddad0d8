/**
 * Every fault of the shop, one after the other in one run as a visitor would try them: each is named within the time
 * that the project has set itself, ends when it is healed, and does not hide the next one.
 */
import type { CausesResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FAULTS } from '../examples/shop/faults.ts';
import { getJson } from './hub-process.ts';
import { type Shop, startShop } from './shop-process.ts';

const CAUSE_SECONDS_MAX = 30;
/** After healing, processes that crashed come back and slow requests run out. */
const OVER_SECONDS_MAX = 60;
/** What calm is learnt from before the first fault. */
const CALM_MS = 45_000;
const SHOP_PORT = 7700;

let shop: Shop;

before(async () => {
  shop = await startShop(SHOP_PORT);
  await pause(CALM_MS);
});
after(() => shop.stop());

const causes = (): Promise<CausesResponse> => getJson(`${shop.board}/aode/v1/causes`);
const post = (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${SHOP_PORT}/${path}`, { method: 'POST' });

/** Asks until `isSo`, and gives the seconds that it took. */
async function until(
  seconds: number,
  what: string,
  isSo: (answer: CausesResponse) => boolean,
): Promise<number> {
  const from = performance.now();
  for (;;) {
    const answer = await causes();
    const passed = (performance.now() - from) / 1000;
    if (isSo(answer)) return passed;
    const { state, faultUnixMs, faultEndUnixMs } = answer;
    const ranks = answer.causes.map((cause) => `${cause.service} ${cause.scoreBits.toFixed(1)}`).join(', ');
    assert.ok(
      passed < seconds,
      `${what}: not within ${seconds} s; ${state} ${faultUnixMs}–${faultEndUnixMs}: ${ranks}`,
    );
    await pause(500);
  }
}

for (const fault of FAULTS) {
  test(`${fault.title}: named, and over when it is healed`, { timeout: 150_000 }, async (t) => {
    const fromMs = Date.now();
    assert.equal((await post(`faults/${fault.name}`)).status, 200);
    const named = await until(
      CAUSE_SECONDS_MAX,
      'named',
      ({ state, faultUnixMs, faultEndUnixMs, causes: [first] }) =>
        state === 'fault' &&
        faultEndUnixMs === null &&
        (faultUnixMs ?? 0) > fromMs - 15_000 &&
        first?.service === fault.service,
    );
    assert.equal((await post('heal')).status, 200);
    const over = await until(
      OVER_SECONDS_MAX,
      'over',
      ({ state, faultEndUnixMs }) => state === 'calm' || faultEndUnixMs !== null,
    );
    t.diagnostic(`named after ${named.toFixed(1)} s, over ${over.toFixed(1)} s after healing`);
  });
}
