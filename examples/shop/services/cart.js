/** cart: what a customer has picked, until it becomes an order. */
import { randomUUID } from 'node:crypto';
import { BoundedMap } from '../lib/bounded-map.js';
import { call } from '../lib/call.js';
import { productOf } from '../lib/catalogue.js';
import { createApp } from '../lib/fastify-app.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('cart');
const LINES_MAX = 20;

const carts = new BoundedMap(5000);
const app = createApp(log);

app.post('/carts/:id/items', async (req, reply) => {
  const { sku, quantity } = req.body;
  if (productOf(sku) === undefined) return reply.code(404).send({ error: 'product not found' });
  const lines = carts.get(req.params.id) ?? [];
  if (lines.length >= LINES_MAX) return reply.code(409).send({ error: 'cart is full' });
  lines.push({ sku, quantity });
  carts.set(req.params.id, lines);
  log.info({ cartId: req.params.id, sku, quantity, lines: lines.length }, 'item added');
  return reply.code(201).send({ lines: lines.length });
});

app.post('/carts/:id/checkout', async (req, reply) => {
  const cartId = req.params.id;
  const lines = carts.get(cartId);
  if (lines === undefined) return reply.code(404).send({ error: 'cart not found' });
  const order = await call('order', 'POST', '/orders', {
    body: { orderId: randomUUID(), customer: req.body.customer, card: req.body.card, lines },
    timeoutMs: 6500,
  });
  carts.delete(cartId);
  log.info({ cartId, orderId: order.orderId }, 'cart checked out');
  return reply.code(201).send(order);
});

await app.listen({ port, host });
started(log, () => app.close());
