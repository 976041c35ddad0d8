/** A database as its client sees it: a bounded pool of connections, and queries that take a while. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds around `typicalMs`, with the long tail that real queries have. */
function duration(typicalMs) {
  return typicalMs * (0.6 + 0.5 * -Math.log(1 - Math.random()));
}

export async function query(typicalMs) {
  await sleep(duration(typicalMs));
}

class PoolError extends Error {
  name = 'PoolError';
}

export function createPool({ size, acquireTimeoutMs }) {
  const waiting = [];
  let inUse = 0;

  const release = () => {
    const next = waiting.shift();
    if (next === undefined) inUse -= 1;
    else next();
  };

  return {
    stats: () => ({ size, inUse, waiting: waiting.length }),

    /** A connection; its owner must `release()` it. Rejects with `PoolError` when none gets free in time. */
    async acquire() {
      if (inUse < size) inUse += 1;
      else {
        await new Promise((resolve, reject) => {
          const entry = () => {
            clearTimeout(timer);
            resolve();
          };
          const timer = setTimeout(() => {
            waiting.splice(waiting.indexOf(entry), 1);
            reject(
              new PoolError(
                `no database connection within ${acquireTimeoutMs} ms (${inUse} of ${size} in use)`,
              ),
            );
          }, acquireTimeoutMs);
          waiting.push(entry);
        });
      }
      return { query, release };
    },
  };
}
