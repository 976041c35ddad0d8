/**
 * As `hop`, for the whole process: Aode's worker, the encoding and the delivery to a receiver in another process
 * included. Each block of requests ends when everything of it was delivered.
 *
 *   npm run bench -- process [--json FILE] [--runs 9] [REQUESTS A BLOCK, 4000]
 */
import { benchOptions, publish } from './measure.ts';
import { requestCosts } from './request-cost.ts';

const options = benchOptions(9);
publish('process', options, await requestCosts(options, 'processCpuMicros'));
