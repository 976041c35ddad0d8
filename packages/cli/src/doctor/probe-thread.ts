/** The thread of a probe: says in which trace it is. */
import { carry, type CarriedContext } from '@aode/sdk';
import { trace } from '@opentelemetry/api';
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

void carry.fromMessage(workerData as CarriedContext, async () => {
  await turn();
  parentPort?.postMessage(trace.getActiveSpan()?.spanContext().traceId);
});
