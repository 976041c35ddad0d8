/**
 * Customers of the shop: requests at random times (a Poisson process, as independent people make them), drawn from a
 * seed, so that two runs ask for the same things in the same order. Half of them look at a product, a fifth search, the
 * rest fill a cart and check out, which goes through all twelve services.
 *
 *   node examples/shop/traffic.ts --url http://127.0.0.1:7101 [--rate 10] [--seed 1]
 */
import { seededRandom } from '@aode/base';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import catalogue from './lib/catalogue.json' with { type: 'json' };

/** Requests in flight: customers turn away from a shop that hangs, so a slow shop is not buried. */
const IN_FLIGHT_MAX = 40;
const TIMEOUT_MS = 10_000;
const WORDS = ['tea', 'pot', 'cup', 'glass', 'kettle', 'tray'];

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    rate: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const url = values.url ?? 'http://127.0.0.1:7101';
const random = seededRandom(Number(values.seed));
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;

async function ask(method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(url + path, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  await response.arrayBuffer();
}

/** One customer's visit. All chance is drawn before the first answer, so that answers cannot change the order. */
function visit(number: number): () => Promise<void> {
  const kind = random.below(100);
  const sku = pick(catalogue).sku;
  if (kind < 50) return () => ask('GET', `/api/products/${sku}`);
  if (kind < 70) return ask.bind(undefined, 'GET', `/api/search?q=${pick(WORDS)}`);
  const items = Array.from({ length: 1 + random.below(2) }, () => ({
    sku: pick(catalogue).sku,
    quantity: 1 + random.below(4),
  }));
  const card = random.chance(1, 100) ? '4000000000000002' : '4242424242424242';
  const customer = `customer-${random.below(400)}`;
  return async () => {
    for (const item of items) await ask('POST', `/api/carts/c${number}/items`, item);
    await ask('POST', `/api/carts/c${number}/checkout`, { customer, card });
  };
}

let inFlight = 0;
async function run(perSecond: number): Promise<void> {
  for (let number = 0; ; number += 1) {
    await sleep((-Math.log(1 - random.below(1_000_000) / 1_000_000) / perSecond) * 1000);
    const next = visit(number);
    if (inFlight >= IN_FLIGHT_MAX) continue;
    inFlight += 1;
    void next()
      // A shop that is down is what faults are for; its telemetry says so, not its customers.
      .catch(() => undefined)
      .finally(() => {
        inFlight -= 1;
      });
  }
}

process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.send?.({ type: 'listening' });
await run(Number(values.rate));
