/** bank-adapter: speaks the bank's language; books what the bank has authorised. */
import { randomInt } from 'node:crypto';
import { call } from '../lib/call.js';
import { query } from '../lib/database.js';
import { createJsonServer } from '../lib/http-server.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('bank-adapter');

/** The bank's answer. Cards that end in 0002 are the bank's test cards for "insufficient funds". */
async function askBank(card) {
  await query(12);
  if (card.endsWith('0002')) throw Object.assign(new Error('insufficient funds'), { statusCode: 402 });
  return String(randomInt(100_000, 1_000_000));
}

const server = createJsonServer(
  [
    [
      'POST',
      /^\/authorizations$/,
      async ({ body }) => {
        const { paymentId, orderId, amount, customer, card } = body;
        const code = await askBank(card);
        log.info({ paymentId, amount, card: `**** ${card.slice(-4)}`, code }, 'authorised by the bank');
        const entry = await call('ledger', 'POST', '/entries', {
          body: { paymentId, orderId, amount, customer },
          timeoutMs: 1400,
          retries: 1,
          log,
        });
        return { code, entryId: entry.entryId };
      },
    ],
  ],
  log,
);

server.listen(port, host, () => started(log, () => server.close()));
