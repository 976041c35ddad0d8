/**
 * As `hop`, for the whole process: Aode's worker, the encoding and the delivery to a receiver in another process
 * included. Each block of requests ends when everything of it was delivered.
 *
 *   npm run bench -- process [--json FILE] [--runs 31] [REQUESTS A BLOCK, 1000]
 */
import { benchOptions, publish } from './measure.ts';
import { requestCosts } from './request-cost.ts';

const options = benchOptions(31);
publish('process', options, await requestCosts(options, 'processCpuMicros'));
