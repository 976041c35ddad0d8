/** Asks the hub. A failure says whether the hub spoke at all: silence makes the page stale, words are shown. */
import type { ApiError } from '@aode/wire/hub-api';

export class HubFailure extends Error {
  /** 0 when nobody answered. */
  readonly status: number;
  readonly code: string;
  readonly remedy: string;

  constructor(status: number, code: string, message: string, remedy: string) {
    super(message);
    this.name = 'HubFailure';
    this.status = status;
    this.code = code;
    this.remedy = remedy;
  }
}

export function isSilence(error: unknown): boolean {
  return error instanceof HubFailure && error.status === 0;
}

/** GET below /aode/v1. Rejects with `HubFailure`, or with the abort of `signal`. */
export async function askHub<T>(path: string, params: URLSearchParams, signal: AbortSignal): Promise<T> {
  const query = params.toString();
  let response: Response;
  try {
    response = await fetch(`/aode/v1/${path}${query === '' ? '' : `?${query}`}`, {
      signal,
      headers: { accept: 'application/json' },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new HubFailure(0, '', error instanceof Error ? error.message : '', '');
  }
  if (!response.ok) throw await failureOf(response);
  // The hub and its board are built and shipped together: the shape is the contract of hub-api.ts.
  return (await response.json()) as T;
}

async function failureOf(response: Response): Promise<HubFailure> {
  // A proxy in between says with these that nobody is behind it.
  if (response.status >= 502 && response.status <= 504 && !isJson(response)) {
    return new HubFailure(0, '', response.statusText, '');
  }
  if (isJson(response)) {
    const body = (await response.json().catch(() => null)) as Partial<ApiError> | null;
    if (body?.error !== undefined) {
      const { code, message, remedy } = body.error;
      return new HubFailure(response.status, code, message, remedy);
    }
  }
  return new HubFailure(response.status, String(response.status), response.statusText, '');
}

function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('json') ?? false;
}
