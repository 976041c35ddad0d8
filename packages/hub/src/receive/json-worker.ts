/** The worker thread of json-converter.ts. */
import { parentPort } from 'node:worker_threads';
import { assert, isAodeError } from '@aode/base';
import type { JsonDone, JsonJob } from './json-converter.ts';
import { jsonToProtobuf } from './json-request.ts';

function convert({ id, signal, body }: JsonJob): JsonDone {
  try {
    return { id, bytes: jsonToProtobuf(signal, body) };
  } catch (error) {
    if (isAodeError(error)) return { id, code: error.code, detail: error.detail };
    return { id, code: 'AODE_OTLP_JSON_INVALID', detail: { why: String(error) } };
  }
}

assert(parentPort !== null, 'this file runs as a worker thread');
const port = parentPort;
port.on('message', (job: JsonJob) => port.postMessage(convert(job)));
