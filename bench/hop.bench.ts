/**
 * What tracing costs the application's thread for a request whose handler makes one http call: its processor time over
 * that of the same server without tracing.
 *
 *   npm run bench -- hop [--json FILE] [--runs 31] [REQUESTS A BLOCK, 1000]
 *
 * What is not the same: at 1 % Aode records all requests as well, and could still deliver each; OpenTelemetry records
 * 1 %. At 100 % OpenTelemetry encodes and sends on this thread, Aode does not.
 */
import { benchOptions, publish } from './measure.ts';
import { requestCosts } from './request-cost.ts';

const options = benchOptions(31);
publish('hop', options, await requestCosts(options, 'mainCpuMicros'));
