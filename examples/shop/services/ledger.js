/** ledger: double-entry bookkeeping; each booking is announced to the customer. */
import { call } from '../lib/call.js';
import { query } from '../lib/database.js';
import { faultIsOn } from '../lib/faults.js';
import { createApp } from '../lib/fastify-app.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('ledger');

const accounts = { receivables: 0, revenue: 0 };
let entries = 0;
const app = createApp(log);

function book(amount) {
  accounts.receivables += amount;
  accounts.revenue -= amount;
  if (accounts.receivables + accounts.revenue !== 0) throw new Error('books do not balance');
  entries += 1;
  return entries;
}

/** Closes the period in the background. The fault: the exchange rates are gone, and nobody catches that here. */
function closePeriod() {
  if (!faultIsOn('crash')) return;
  setImmediate(() => {
    const rates = undefined;
    log.info({ rate: rates.EUR }, 'period closed');
  });
}

app.post('/entries', async (req, reply) => {
  const { paymentId, orderId, amount, customer } = req.body;
  closePeriod();
  await query(5);
  const entryId = book(amount);
  log.info({ paymentId, orderId, entryId, amount, balance: accounts.receivables }, 'entry booked');
  await call('notification', 'POST', '/notifications', {
    body: { orderId, customer, template: 'receipt', amount },
    timeoutMs: 1200,
  });
  return reply.code(201).send({ entryId });
});

await app.listen({ port, host });
started(log, () => app.close());
