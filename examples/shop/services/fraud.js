/** fraud: screens a payment by a few rules and lets it through to the bank, or does not. */
import { BoundedMap } from '../lib/bounded-map.js';
import { call } from '../lib/call.js';
import { query } from '../lib/database.js';
import { createJsonServer } from '../lib/http-server.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('fraud');
const LARGE_AMOUNT = 50_000;
const SCORE_MAX = 70;

/** Payments of a customer so far. */
const history = new BoundedMap(2000);

function scoreOf({ customer, amount }) {
  const count = history.get(customer) ?? 0;
  history.set(customer, count + 1);
  return Math.min(100, (amount > LARGE_AMOUNT ? 40 : 5) + (count === 0 ? 15 : 0));
}

const server = createJsonServer(
  [
    [
      'POST',
      /^\/screenings$/,
      async ({ body }) => {
        await query(3);
        const score = scoreOf(body);
        log.info({ paymentId: body.paymentId, score, rules: 2 }, 'payment screened');
        if (score > SCORE_MAX)
          throw Object.assign(new Error('payment refused by screening'), { statusCode: 402 });
        return call('bank-adapter', 'POST', '/authorizations', { body: { ...body, score }, timeoutMs: 3500 });
      },
    ],
  ],
  log,
);

server.listen(port, host, () => started(log, () => server.close()));
