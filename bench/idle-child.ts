/**
 * An application of the idle bench: an HTTP server that nobody asks for anything, under whatever SDK was loaded before
 * it. Writes a burst of spans and lines when it is told to, by OpenTelemetry's API, which all sides have.
 */
import { createServer } from 'node:http';
import { context, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';

/** `burst` makes one, and answers once it is delivered; `cpu` answers with the process's time, microseconds. */
export type Wish = 'burst' | 'cpu';

const SPANS = 2000;
const LINES_A_SPAN = 2;
const DEADLINE_MS = 30_000;

/** Of the SDK that runs here; see idle-otel.ts for OpenTelemetry's. */
interface Running {
  flush(deadlineMs: number): Promise<boolean>;
}

const running = (): Running | undefined =>
  (globalThis as Record<symbol, Running | undefined>)[Symbol.for('aode.sdk')];

async function burst(): Promise<void> {
  const tracer = trace.getTracer('bench');
  const logger = logs.getLogger('bench');
  for (let i = 0; i < SPANS; i += 1) {
    const span = tracer.startSpan('work');
    context.with(trace.setSpan(context.active(), span), () => {
      for (let j = 0; j < LINES_A_SPAN; j += 1) {
        logger.emit({ body: `item ${i}`, severityNumber: SeverityNumber.INFO, severityText: 'INFO' });
      }
    });
    span.end();
  }
  if ((await running()?.flush(DEADLINE_MS)) === false) throw new Error('the burst was not delivered');
}

const server = createServer((_, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => process.send?.('up'));
process.on('disconnect', () => process.exit());
process.on('message', (what: Wish) => {
  if (what === 'burst') void burst().then(() => process.send?.('delivered'));
  else {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  }
});
