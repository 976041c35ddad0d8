/** order: takes orders, and knows how far each has come. */
import express from 'express';
import { BoundedMap } from '../lib/bounded-map.js';
import { call } from '../lib/call.js';
import { query } from '../lib/database.js';
import { answerErrors } from '../lib/express-errors.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('order');

const orders = new BoundedMap(5000);
const app = express();
app.use(express.json());

app.post('/orders', async (req, res) => {
  const { orderId, customer, card, lines } = req.body;
  orders.set(orderId, { state: 'new', customer, lines });
  await query(3);
  log.info({ orderId, customer, lines: lines.length }, 'order accepted');
  try {
    const receipt = await call('pricing', 'POST', `/orders/${orderId}/price`, {
      body: { customer, card, lines },
      timeoutMs: 6000,
    });
    orders.set(orderId, { state: 'paid', customer, lines });
    log.info({ orderId, total: receipt.total }, 'order paid');
    res.status(201).json({ orderId, state: 'paid', ...receipt });
  } catch (err) {
    const state = err.statusCode < 500 ? 'declined' : 'failed';
    orders.set(orderId, { state, customer, lines });
    if (state === 'declined') log.info({ orderId, reason: err.message }, 'order declined');
    throw err;
  }
});

app.get('/orders/:id', (req, res) => {
  const order = orders.get(req.params.id);
  if (order === undefined) res.status(404).json({ error: 'order not found' });
  else res.json(order);
});

app.use(answerErrors(log));
const server = app.listen(port, host, () => started(log, () => server.close()));
