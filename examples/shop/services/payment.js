/** payment: one payment an order, recorded before any money moves. */
import { randomUUID } from 'node:crypto';
import { call } from '../lib/call.js';
import { createPool } from '../lib/database.js';
import { faultIsOn } from '../lib/faults.js';
import { createApp } from '../lib/fastify-app.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('payment');

const pool = createPool({ size: 6, acquireTimeoutMs: 300 });
const forgotten = [];
const app = createApp(log);

/** Writes the payment down. The fault: a code path that forgets to give its connection back, until none is left. */
async function record(payment, state) {
  const forgetful = faultIsOn('payment-500');
  if (!forgetful) for (const connection of forgotten.splice(0)) connection.release();
  const connection = await pool.acquire().catch((cause) => {
    throw new Error(`payment not recorded: ${cause.message}`, { cause });
  });
  await connection.query(4);
  if (forgetful) forgotten.push(connection);
  else connection.release();
  log.info({ paymentId: payment.id, orderId: payment.orderId, state }, 'payment recorded');
}

app.post('/payments', async (req, reply) => {
  const { orderId, total, customer, card } = req.body;
  const payment = { id: randomUUID(), orderId, amount: total };
  await record(payment, 'pending');
  const authorization = await call('fraud', 'POST', '/screenings', {
    body: { paymentId: payment.id, orderId, amount: total, customer, card },
    timeoutMs: 4000,
  });
  await record(payment, 'captured');
  return reply.code(201).send({ paymentId: payment.id, authorization: authorization.code });
});

await app.listen({ port, host });
started(log, () => app.close());
