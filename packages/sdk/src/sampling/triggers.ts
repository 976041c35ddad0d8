/**
 * What makes a whole trace worth keeping, and the texts that say so on the wire: values of `aode.keep.reason`.
 *
 * Client errors are no triggers: a 404 or a NOT_FOUND is what the caller asked for. The gRPC codes are those that the
 * semantic conventions count as errors of the server (semantic conventions, § gRPC, server spans).
 */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';

/**
 * `error`: the span of a request or a root ended with status ERROR. `http_status`: 500 and above. `grpc_status`: an
 * error of the server. `exception`: nobody caught it. `rule:…`: a keep rule. `keep`: the application asked for it;
 * `critical`: it also wants to know that it has arrived.
 * `asked`: the hub did. `verdict`: another process decided, and a header says so.
 * `incomplete`: nobody has ended a span of it.
 */
export type TriggerReason =
  | 'error'
  | 'http_status'
  | 'grpc_status'
  | 'exception'
  | `rule:${string}`
  | 'keep'
  | 'critical'
  | 'asked'
  | 'verdict'
  | 'incomplete';

export const KEEP_REASON = 'aode.keep.reason';

/** The reason for a trace that the keep rule of this name keeps. */
export function reasonOfRule(name: string): TriggerReason {
  return `rule:${name}`;
}

/** Of a span that ends. An ERROR inside may have been handled; at the edge of a service it went out. */
export function reasonOfStatus(
  kind: SpanKind,
  isRoot: boolean,
  status: SpanStatusCode,
): TriggerReason | undefined {
  if (status !== SpanStatusCode.ERROR) return undefined;
  return isRoot || kind === SpanKind.SERVER || kind === SpanKind.CONSUMER ? 'error' : undefined;
}

/** The attribute that rules for routes are asked about. */
export const ROUTE = 'http.route';

/** Whether `reasonOfAttribute` may say something of this key. */
export function isResponseCode(key: string): boolean {
  switch (key) {
    case 'http.response.status_code':
    case 'http.status_code':
    case 'rpc.grpc.status_code':
    case 'rpc.response.status_code':
      return true;
    default:
      return false;
  }
}

/** Of an attribute of any span: response codes of HTTP and gRPC, by their names of today and of yesterday. */
export function reasonOfAttribute(key: string, value: unknown): TriggerReason | undefined {
  switch (key) {
    case 'http.response.status_code':
    case 'http.status_code':
      return typeof value === 'number' && value >= 500 ? 'http_status' : undefined;
    case 'rpc.grpc.status_code':
    case 'rpc.response.status_code':
      return GRPC_SERVER_ERRORS.has(value) ? 'grpc_status' : undefined;
    default:
      return undefined;
  }
}

/** As number, as number in text, and by name. */
const GRPC_SERVER_ERRORS: ReadonlySet<unknown> = new Set(
  Object.entries({
    UNKNOWN: 2,
    DEADLINE_EXCEEDED: 4,
    UNIMPLEMENTED: 12,
    INTERNAL: 13,
    UNAVAILABLE: 14,
    DATA_LOSS: 15,
  }).flatMap(([name, code]) => [name, code, String(code)]),
);
