/** Asks over HTTP, to where the records go: `POST` and `GET /aode/v1/asks` (docs/formats/asks.md). */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createOwnAgent, type PostOptions } from '@aode/journal';
import type { Resource } from '@aode/wire';
import type { AskTransport } from './ask-client.ts';

const PATH = '/aode/v1/asks';
/** Sampling settings are the longest lines, at most 64 KiB; a receiver that sends longer ones is none of ours. */
const LINE_CHARS_MAX = 128 * 1024;

/** Who asks: this process, and what it is one of. */
export interface Asker {
  readonly instance: string;
  readonly resource: Resource;
}

export function createAskTransport(options: PostOptions, asker: Asker): AskTransport & Disposable {
  const { endpoint, headers, timeoutMs } = options;
  const agent = createOwnAgent(endpoint);
  const service = serviceOf(asker.resource);
  const who = { instance: asker.instance, ...(service === undefined ? {} : { service }) };
  const request = endpoint.startsWith('https:') ? httpsRequest : httpRequest;
  const url = `${endpoint}${PATH}`;
  const unref = (sent: ClientRequest): void => void sent.on('socket', (socket) => socket.unref());
  return {
    post: (body) =>
      new Promise((resolve) => {
        const sent = request(url, {
          method: 'POST',
          agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        });
        unref(sent);
        sent.on('error', () => resolve(undefined));
        sent.on('response', (answer) => {
          answer.resume();
          answer.on('error', () => undefined);
          resolve(answer.statusCode);
        });
        sent.end(body);
      }),
    open(after, onLine, onEnd) {
      const query = new URLSearchParams({ ...who, ...(after === '' ? {} : { after }) });
      let isOver = false;
      const end = (status: number | undefined): void => {
        if (isOver) return;
        isOver = true;
        sent.destroy();
        onEnd(status);
      };
      const sent = request(`${url}?${query.toString()}`, { agent, headers: { ...headers } });
      unref(sent);
      sent.on('error', () => end(undefined));
      sent.on('response', (answer) => {
        if (answer.statusCode !== 200) {
          answer.resume();
          end(answer.statusCode);
          return;
        }
        readLines(answer, onLine, () => end(200));
      });
      sent.end();
      return { [Symbol.dispose]: () => end(undefined) };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** A hub takes names up to this length, and a longer one is none that anybody has given. */
const SERVICE_CHARS_MAX = 255;

function serviceOf({ attributes }: Resource): string | undefined {
  const name = attributes.find(({ key }) => key === 'service.name')?.value;
  return typeof name === 'string' && name !== '' && name.length <= SERVICE_CHARS_MAX ? name : undefined;
}

function readLines(answer: IncomingMessage, onLine: (line: string) => void, onEnd: () => void): void {
  let rest = '';
  answer.setEncoding('utf8');
  answer.on('data', (part: string) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length > LINE_CHARS_MAX) onEnd();
  });
  answer.on('error', onEnd);
  answer.on('close', onEnd);
}
