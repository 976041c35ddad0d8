/** mail: renders a message and hands it to the mail server. */
import { randomUUID } from 'node:crypto';
import { BoundedMap } from '../lib/bounded-map.js';
import { query } from '../lib/database.js';
import { faultIsOn } from '../lib/faults.js';
import { createJsonServer } from '../lib/http-server.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('mail');
const outbox = new BoundedMap(1000);

function render({ subject, orderId, amount }) {
  return `${subject}\n\nOrder ${orderId}: ${(amount / 100).toFixed(2)} EUR\n`;
}

const server = createJsonServer(
  [
    [
      'POST',
      /^\/messages$/,
      async ({ body }) => {
        const messageId = randomUUID();
        const text = render(body);
        log.debug({ messageId, to: body.to, bytes: text.length }, 'message rendered');
        await query(4);
        if (faultIsOn('mail-500'))
          throw new Error('mail server refused the message: 452 4.3.1 insufficient storage');
        outbox.set(messageId, text);
        log.info({ messageId, orderId: body.orderId, bytes: text.length, outbox: outbox.size }, 'mail sent');
        return { messageId };
      },
    ],
  ],
  log,
);

server.listen(port, host, () => started(log, () => server.close()));
