/** inventory: what lies in the warehouse. Holds the goods of an order while it is paid, gives them back if it is not. */
import { call } from '../lib/call.js';
import { catalogue } from '../lib/catalogue.js';
import { query } from '../lib/database.js';
import { faultIsOn } from '../lib/faults.js';
import { createApp } from '../lib/fastify-app.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('inventory');
const FULL = 500;
const REORDER_BELOW = 50;
const SLOW_QUERY_MS = 200;

const stock = new Map(catalogue.map(({ sku }) => [sku, FULL]));
const app = createApp(log);

/** A query of the stock table. While a migration rebuilds its index, every one scans the table. */
async function stockQuery(statement) {
  const from = performance.now();
  await query(faultIsOn('slow-inventory') ? 700 : 5);
  const durationMs = Math.round(performance.now() - from);
  if (durationMs > SLOW_QUERY_MS)
    log.warn({ statement, durationMs, plan: 'Seq Scan on stock' }, 'slow query');
}

function take(lines) {
  const missing = lines.find(({ sku, quantity }) => (stock.get(sku) ?? 0) < quantity);
  if (missing !== undefined) {
    throw Object.assign(new Error(`${missing.sku} is out of stock`), { statusCode: 409 });
  }
  for (const { sku, quantity } of lines) stock.set(sku, stock.get(sku) - quantity);
}

function giveBack(lines) {
  for (const { sku, quantity } of lines) stock.set(sku, stock.get(sku) + quantity);
}

function reorder(lines) {
  for (const { sku } of lines) {
    const left = stock.get(sku);
    if (left >= REORDER_BELOW) continue;
    stock.set(sku, left + FULL);
    log.info({ sku, left, ordered: FULL }, 'stock is low, reordered');
  }
}

app.get('/stock/:sku', async (req, reply) => {
  await stockQuery('SELECT available FROM stock WHERE sku = $1');
  const available = stock.get(req.params.sku);
  if (available === undefined) return reply.code(404).send({ error: 'product not found' });
  return { sku: req.params.sku, available };
});

app.post('/reservations', async (req, reply) => {
  const { orderId, lines, total, customer, card } = req.body;
  await stockQuery('UPDATE stock SET available = available - $1 WHERE sku = $2');
  take(lines);
  log.info({ orderId, lines: lines.length }, 'stock reserved');
  try {
    const payment = await call('payment', 'POST', '/payments', {
      body: { orderId, total, customer, card },
      timeoutMs: 4500,
    });
    reorder(lines);
    return reply.code(201).send(payment);
  } catch (err) {
    giveBack(lines);
    log.warn({ orderId, reason: err.message }, 'reservation released');
    throw err;
  }
});

await app.listen({ port, host });
started(log, () => app.close());
