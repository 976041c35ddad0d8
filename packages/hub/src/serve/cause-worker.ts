/** The worker thread of cause-finder.ts. */
import { parentPort } from 'node:worker_threads';
import { assert } from '@aode/base';
import { findFault } from '../analysis/index.ts';
import type { AnalysisDone, AnalysisJob } from './cause-finder.ts';

function analyse({ id, window, atMs }: AnalysisJob): AnalysisDone {
  try {
    return { id, report: findFault(window, atMs === undefined ? {} : { faultMs: atMs }) };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

assert(parentPort !== null, 'this file runs as a worker thread');
const port = parentPort;
port.on('message', (job: AnalysisJob) => port.postMessage(analyse(job)));
