/** The hub's own API as the commands read it. */
import { AodeError, isAodeError } from '@aode/base';
import type { ApiError } from '@aode/wire/hub-api';
import type { Shell } from './shell.ts';

/** Where a hub is when nothing else is said. */
export const HUB_DEFAULT = 'http://127.0.0.1:16686';

/** How long a hub may think about one question. Ranking causes over a long range takes a few seconds. */
const ANSWER_MS_MAX = 60_000;

export interface HubClient {
  readonly url: string;
  /** GET /aode/v1/`path`; undefined for 404. Throws AODE_HUB_UNREACHABLE and AODE_HUB_ANSWER. */
  get<T>(path: string, query: Readonly<Record<string, string | number | boolean>>): Promise<T | undefined>;
  /** PUT of `value` as JSON, in the same way. */
  put<T>(path: string, value: unknown): Promise<T | undefined>;
}

/** `given` is the value of `--hub`; after it comes AODE_HUB, then loopback. */
export function hubClient(given: string | undefined, shell: Shell): HubClient {
  const url = baseUrl('--hub', given ?? shell.env['AODE_HUB'] ?? HUB_DEFAULT);
  const read = async <T>(answer: Response): Promise<T | undefined> => {
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw await refusal(url, answer);
    try {
      return (await answer.json()) as T;
    } catch (cause) {
      throw new AodeError('AODE_HUB_UNREACHABLE', { hub: url, why: 'the answer is not of a hub' }, cause);
    }
  };
  return {
    url,
    async get<T>(path: string, query: Readonly<Record<string, string | number | boolean>>) {
      const target = new URL(`${url}/aode/v1/${path}`);
      for (const [key, value] of Object.entries(query)) target.searchParams.set(key, String(value));
      return read<T>(await ask(target, shell));
    },
    async put<T>(path: string, value: unknown) {
      const headers = { 'content-type': 'application/json' };
      const request = { method: 'PUT', headers, body: JSON.stringify(value) };
      return read<T>(await ask(new URL(`${url}/aode/v1/${path}`), shell, request));
    },
  };
}

/** Checks and normalises an address: http or https, no trailing slash. Throws AODE_CLI_USAGE. */
export function baseUrl(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new AodeError('AODE_CLI_USAGE', {
      why: `${flag} takes an address such as ${HUB_DEFAULT}, not '${text}'`,
    });
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask(target: URL, shell: Shell, request: Sent = {}): Promise<Response> {
  const signal = AbortSignal.any([shell.interrupted, AbortSignal.timeout(ANSWER_MS_MAX)]);
  try {
    const headers = new Headers(request.headers);
    headers.set('accept', 'application/json');
    return await shell.fetch(target, { ...request, signal, headers });
  } catch (cause) {
    shell.interrupted.throwIfAborted();
    throw new AodeError('AODE_HUB_UNREACHABLE', { hub: target.origin, why: reasonOf(cause) }, cause);
  }
}

async function refusal(url: string, answer: Response): Promise<AodeError> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as ApiError;
    return new AodeError('AODE_HUB_ANSWER', {
      hub: url,
      status: answer.status,
      code: error.code,
      says: error.message,
    });
  } catch {
    return new AodeError('AODE_HUB_ANSWER', { hub: url, status: answer.status, says: text.slice(0, 200) });
  }
}

/** What lies under the "fetch failed" of a failed request: `connect ECONNREFUSED 127.0.0.1:16686`. */
export function reasonOf(error: unknown): string {
  if (isAodeError(error)) return error.code;
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError) return cause.errors.map((e) => reasonOf(e)).join(', ');
  return cause instanceof Error ? cause.message : error.message;
}
