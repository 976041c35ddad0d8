/**
 * What a failed span names as its failure, by the OpenTelemetry semantic conventions: `error.type` is meant to be
 * exactly this; before it existed, protocols had their own status attributes; a caught exception has its type; and
 * last, many libraries put a code like ECONNREFUSED into the status message.
 */

export interface ErrorFacts {
  /** `error.type`. */
  readonly errorType: string | null;
  /** `http.response.status_code` or its predecessor `http.status_code`. */
  readonly httpStatus: number | null;
  /** `rpc.response.status_code`, or `rpc.grpc.status_code` as a number. */
  readonly rpcStatus: string | null;
  /** `exception.type` of the last exception event. */
  readonly exceptionType: string | null;
  readonly statusMessage: string;
}

/** The longest code that is kept: it is a label in lists, not a message. */
const CODE_CHARS_MAX = 120;

/** The code, or null when the span says only that it failed. */
export function errorCodeOf(facts: ErrorFacts): string | null {
  const code = firstCode(facts);
  return code === null ? null : code.slice(0, CODE_CHARS_MAX);
}

function firstCode(facts: ErrorFacts): string | null {
  // "_OTHER" is the convention's word for an unknown type: anything else says more.
  if (facts.errorType !== null && facts.errorType !== '' && facts.errorType !== '_OTHER')
    return facts.errorType;
  if (facts.httpStatus !== null && facts.httpStatus >= 400) return String(facts.httpStatus);
  if (facts.rpcStatus !== null) return grpcName(facts.rpcStatus);
  if (facts.exceptionType !== null && facts.exceptionType !== '') return facts.exceptionType;
  return CODE_IN_TEXT.exec(facts.statusMessage)?.[0] ?? null;
}

/** Upper-case names of at least three characters: ECONNREFUSED, ER_LOCK_DEADLOCK, SQLITE_BUSY. */
const CODE_IN_TEXT = /\b[A-Z][A-Z0-9_]{2,}\b/;

/** gRPC status codes by number, https://github.com/grpc/grpc/blob/master/doc/statuscodes.md. */
const GRPC_NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function grpcName(status: string): string | null {
  const name = /^\d{1,2}$/.test(status) ? (GRPC_NAMES[Number(status)] ?? status) : status;
  return name === 'OK' || name === '' ? null : name;
}

/** A span has failed when it says so, or when HTTP says so: 500 and above, or 0, which is "no answer". */
export function hasFailed(statusCode: number, httpStatus: number | null): boolean {
  return statusCode === 2 || (httpStatus !== null && (httpStatus >= 500 || httpStatus === 0));
}
