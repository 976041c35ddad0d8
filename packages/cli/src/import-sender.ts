/**
 * Encoded messages to the hub by OTLP/HTTP: gathered into requests of a good size, a few on the way at a time, sent
 * again when the hub is busy or away. It slows its caller down to the speed of the hub.
 */
import { AodeError, backoff, type Random } from '@aode/base';
import { decodeExportResponse, type SignalName } from '@aode/wire';
import { reasonOf } from './hub-client.ts';
import type { Shell } from './shell.ts';

/** Large enough that a request's fixed cost vanishes, small enough that the hub answers within a moment. */
const REQUEST_BYTES = 1024 * 1024;
/** One is stored while the next is on the way and a third is encoded here. */
const IN_FLIGHT_MAX = 3;
/** With the delays below about a minute, in which a hub has started again. */
const ATTEMPTS_MAX = 12;
const BACKOFF = { firstMs: 200, lastMs: 10_000 };
/** OTLP specification, § Retryable Response Codes. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export interface ImportSender {
  /** Adds the protobuf bytes of an Export*ServiceRequest; resolves when there is room for more. */
  add(signal: SignalName, message: Uint8Array): Promise<void>;
  /** Sends what is left and waits for all answers. */
  finish(): Promise<void>;
  /** Records that the hub has refused. */
  readonly refusedCount: number;
}

/** `endpoint` is the base address of OTLP/HTTP. All methods throw AODE_HUB_UNREACHABLE and AODE_HUB_ANSWER. */
export function importSender(endpoint: string, shell: Shell, random: Random): ImportSender {
  const gathered = new Map<SignalName, { parts: Uint8Array[]; bytes: number }>();
  const onTheWay = new Set<Promise<void>>();
  let refusedCount = 0;
  /** The first failure. It is thrown to whoever comes next, because whoever gave us the data has gone on. */
  let failure: { readonly error: unknown } | undefined;

  const send = async (signal: SignalName, body: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await post(`${endpoint}/v1/${signal}`, body, shell);
      if (answer.kind === 'done') {
        refusedCount += decodeExportResponse(signal, answer.bytes, 'protobuf').rejectedCount;
        return;
      }
      if (attempt + 1 === ATTEMPTS_MAX)
        throw new AodeError('AODE_HUB_UNREACHABLE', { otlp: endpoint, why: answer.why });
      await shell.sleep(Math.max(answer.afterMs, backoff(attempt, BACKOFF, random)));
    }
  };

  const flush = async (signal: SignalName): Promise<void> => {
    const batch = gathered.get(signal);
    if (batch === undefined) return;
    gathered.delete(signal);
    // A request is the concatenation of its messages: their one field is repeated.
    const sending = send(signal, Buffer.concat(batch.parts, batch.bytes));
    const settled: Promise<void> = sending
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => onTheWay.delete(settled));
    onTheWay.add(settled);
    if (onTheWay.size >= IN_FLIGHT_MAX) await Promise.race(onTheWay);
    if (failure !== undefined) throw failure.error;
  };

  return {
    async add(signal, message) {
      const batch = gathered.get(signal) ?? { parts: [], bytes: 0 };
      gathered.set(signal, batch);
      batch.parts.push(message);
      batch.bytes += message.byteLength;
      if (batch.bytes >= REQUEST_BYTES) await flush(signal);
    },
    async finish() {
      for (const signal of gathered.keys()) await flush(signal);
      await Promise.all(onTheWay);
      if (failure !== undefined) throw failure.error;
    },
    get refusedCount() {
      return refusedCount;
    },
  };
}

type Answer =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number };

async function post(url: string, body: Uint8Array<ArrayBuffer>, shell: Shell): Promise<Answer> {
  let response: Response;
  let bytes: Uint8Array;
  try {
    const token = shell.env['AODE_TOKEN'] ?? '';
    const headers = {
      'content-type': 'application/x-protobuf',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    };
    response = await shell.fetch(url, { method: 'POST', body, headers, signal: shell.interrupted });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    shell.interrupted.throwIfAborted();
    return { kind: 'later', why: reasonOf(error), afterMs: 0 };
  }
  if (response.status === 200) return { kind: 'done', bytes };
  if (!RETRYABLE.has(response.status)) {
    throw new AodeError('AODE_HUB_ANSWER', { otlp: url, status: response.status });
  }
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  const afterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return { kind: 'later', why: `answered ${response.status}`, afterMs };
}
