/** notification: tells customers what happened, by the channel that they chose. */
import express from 'express';
import { call } from '../lib/call.js';
import { answerErrors } from '../lib/express-errors.js';
import { faultIsOn } from '../lib/faults.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('notification');
const BATCH_INTERVAL_MS = 25;

const SUBJECTS = { receipt: 'Your receipt' };
const batch = [];
const app = express();
app.use(express.json());

/**
 * Mails of a batch are sent from here: a loop that has run since the start of the process, so what it does belongs
 * to no request. This is how services lose the context of a request; it is used while the fault is on.
 */
setInterval(() => {
  for (const { mail, resolve } of batch.splice(0)) resolve(send(mail));
}, BATCH_INTERVAL_MS).unref();

function sendInBatch(mail) {
  return new Promise((resolve) => batch.push({ mail, resolve }));
}

function send(mail) {
  return call('mail', 'POST', '/messages', { body: mail, timeoutMs: 1000 });
}

app.post('/notifications', async (req, res) => {
  const { orderId, customer, template, amount } = req.body;
  const mail = { to: `${customer}@example.com`, subject: SUBJECTS[template], orderId, amount };
  log.info({ orderId, template, channel: 'mail' }, 'notification queued');
  const { messageId } = await (faultIsOn('drop-context') ? sendInBatch(mail) : send(mail));
  res.status(201).json({ messageId });
});

app.use(answerErrors(log));
const server = app.listen(port, host, () => started(log, () => server.close()));
