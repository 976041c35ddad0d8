/** JSON over HTTP to another service, with a deadline and, where the caller says it is safe, another try. */
import { setTimeout as sleep } from 'node:timers/promises';
import { urlOf } from './lifecycle.js';
import { createLog } from './logger.js';

const TIMEOUT_MS = 4000;

const callLog = createLog(process.env.OTEL_SERVICE_NAME ?? 'shop');

/** A call that did not succeed. `statusCode` is what the caller's own client should get. */
class CallError extends Error {
  constructor(message, statusCode, options) {
    super(message, options);
    this.name = 'CallError';
    this.statusCode = statusCode;
  }
}

/**
 * Answer of `service` to `method path`, parsed. Throws `CallError`: 4xx as it came, 502 for a failing callee, 504 for a
 * late one.
 */
export async function call(service, method, path, { body, timeoutMs = TIMEOUT_MS, retries = 0, log } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await callOnce(service, `${method} ${path}`, { method, path, body, timeoutMs });
    } catch (err) {
      if (attempt > retries || err.statusCode < 500) throw err;
      const delayMs = 100 * attempt;
      log?.warn({ service, attempt, delayMs, reason: err.message }, `trying ${service} again`);
      await sleep(delayMs);
    }
  }
}

async function callOnce(service, what, { method, path, body, timeoutMs }) {
  callLog.debug({ service, method, path, timeoutMs }, `calling ${service}`);
  let response;
  let answer;
  try {
    response = await fetch(urlOf(service) + path, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    answer = await response.json();
  } catch (err) {
    const late = err.name === 'TimeoutError';
    const why = late ? `within ${timeoutMs} ms` : `(${err.cause?.message ?? err.message})`;
    throw new CallError(`${service} did not answer ${what} ${why}`, late ? 504 : 502, { cause: err });
  }
  if (response.ok) return answer;
  if (response.status < 500) throw new CallError(answer.error ?? response.statusText, response.status);
  // What the callee says of its own callees is in its own log.
  throw new CallError(`${service} answered ${response.status} to ${what}`, 502);
}
