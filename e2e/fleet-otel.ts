/** Loaded before a service: the stock OpenTelemetry SDK as its documentation sets it up, its sampler parent-based. */
import { createRequire } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [new HttpInstrumentation()],
});
sdk.start();
// It patches what is required, and by that what others import as a whole.
createRequire(import.meta.url)('http');
