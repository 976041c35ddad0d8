/**
 * How a failure is told to a sender, in the terms of both protocols: HTTP status and gRPC code, whether and when to
 * come again (OTLP specification, § Failures, § OTLP/HTTP Throttling, § OTLP/gRPC Throttling).
 */
import { AodeError, errorLine } from '@aode/base';
import type { RpcStatus } from '@aode/wire';

/** gRPC status codes that a receiver uses. */
export const GRPC = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export interface Fault {
  /** The label under which it is counted: an error code, or why the request was refused unread. */
  readonly outcome: string;
  readonly httpStatus: number;
  readonly status: RpcStatus;
}

/** What a client that is asked to come again should wait. */
const RETRY_MS = 1000;

/** The answer to a request that failed with `error`. Only what may succeed later says so. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof AodeError)) {
    const status = { code: GRPC.internal, message: 'unexpected failure' };
    return { outcome: 'failed', httpStatus: 500, status };
  }
  const outcome = error.code;
  const message = errorLine(error);
  switch (error.code) {
    case 'AODE_OTLP_PROTOBUF_INVALID':
    case 'AODE_OTLP_JSON_INVALID':
    case 'AODE_OTLP_LIMIT':
    case 'AODE_ENCODING_INVALID':
      return {
        outcome,
        httpStatus: 400,
        status: { code: GRPC.invalidArgument, message, violation: message },
      };
    case 'AODE_REQUEST_TOO_LARGE':
      // Without RetryInfo: the same request will never fit.
      return { outcome, httpStatus: 413, status: { code: GRPC.resourceExhausted, message } };
    case 'AODE_REQUEST_SLOW':
      // A sender may come again with this code (OTLP specification, § OTLP/gRPC), and the next time be quicker.
      return { outcome, httpStatus: 408, status: { code: GRPC.deadlineExceeded, message } };
    case 'AODE_STORE_BUSY':
    case 'AODE_STORE_FAILED':
      return {
        outcome,
        httpStatus: 503,
        status: { code: GRPC.unavailable, message, retryDelayMs: RETRY_MS },
      };
    default:
      return { outcome, httpStatus: 500, status: { code: GRPC.internal, message } };
  }
}
