/** pricing: prices, discounts and totals. Passes a priced order on to be filled. */
import { call } from '../lib/call.js';
import { productOf } from '../lib/catalogue.js';
import { query } from '../lib/database.js';
import { createJsonServer } from '../lib/http-server.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('pricing');
const BULK_QUANTITY = 4;
const BULK_FACTOR = 0.9;

function centsOf(sku) {
  const product = productOf(sku);
  if (product === undefined) throw Object.assign(new Error(`no price for ${sku}`), { statusCode: 404 });
  return product.cents;
}

function totalOf(lines) {
  let cents = 0;
  for (const { sku, quantity } of lines) {
    cents += centsOf(sku) * quantity * (quantity >= BULK_QUANTITY ? BULK_FACTOR : 1);
  }
  return Math.round(cents);
}

const server = createJsonServer(
  [
    [
      'GET',
      /^\/prices\/(?<sku>[\w-]+)$/,
      async ({ params }) => {
        await query(2);
        return { sku: params.sku, amount: centsOf(params.sku), currency: 'EUR' };
      },
    ],
    [
      'GET',
      /^\/prices$/,
      async ({ query: search }) => {
        const skus = (search.get('skus') ?? '').split(',').filter(Boolean);
        await query(4);
        log.info({ skus: skus.length }, 'price list read');
        return { prices: Object.fromEntries(skus.map((sku) => [sku, centsOf(sku)])) };
      },
    ],
    [
      'POST',
      /^\/orders\/(?<id>[\w-]+)\/price$/,
      async ({ params, body }) => {
        await query(4);
        const total = totalOf(body.lines);
        log.info({ orderId: params.id, total, currency: 'EUR' }, 'order priced');
        const payment = await call('inventory', 'POST', '/reservations', {
          body: { ...body, orderId: params.id, total },
          timeoutMs: 5500,
        });
        return { ...payment, total };
      },
    ],
  ],
  log,
);

server.listen(port, host, () => started(log, () => server.close()));
