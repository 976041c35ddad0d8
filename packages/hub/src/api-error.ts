/** Failures as the hub's own APIs tell them: an HTTP status and an ApiError body. */
import { type AodeError, type AodeErrorCode, AODE_ERRORS } from '@aode/base';
import type { ApiError } from '@aode/wire/hub-api';

export interface ApiFailure {
  readonly status: number;
  readonly body: ApiError;
}

const STATUS: Partial<Readonly<Record<AodeErrorCode, number>>> = {
  AODE_ASK_INVALID: 400,
  AODE_ASK_LIMITED: 429,
  AODE_ASK_STREAMS_FULL: 503,
  AODE_CURSOR_INVALID: 400,
  AODE_HOST_REFUSED: 403,
  AODE_DATA_UNWRITABLE: 503,
  AODE_NOT_FOUND: 404,
  AODE_OPTION_INVALID: 400,
  AODE_QUERY_INVALID: 400,
  AODE_QUERY_TIMEOUT: 504,
  AODE_REQUEST_TOO_LARGE: 413,
  AODE_STORE_BUSY: 503,
  AODE_STORE_FAILED: 503,
  AODE_TOKEN_REFUSED: 401,
  AODE_TRACE_ID_INVALID: 400,
};

export function apiFailure(error: AodeError): ApiFailure {
  const [message, remedy] = AODE_ERRORS[error.code];
  const detail = Object.values(error.detail).filter((value) => value !== undefined);
  const why = detail.length === 0 ? '' : `: ${detail.map(String).join(', ')}`;
  return {
    status: STATUS[error.code] ?? 500,
    body: { error: { code: error.code, message: message + why, remedy } },
  };
}
