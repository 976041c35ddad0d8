/** Asks over HTTP, to where the records go: `POST` and `GET /aode/v1/asks` (docs/formats/asks.md). */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createOwnAgent, type PostOptions } from '@aode/journal';
import type { AskTransport } from './ask-client.ts';

const PATH = '/aode/v1/asks';
/** A line is some hundred bytes; a receiver that sends longer ones is none of ours. */
const LINE_CHARS_MAX = 4096;

export function createAskTransport(options: PostOptions, instance: string): AskTransport & Disposable {
  const { endpoint, headers, timeoutMs } = options;
  const agent = createOwnAgent(endpoint);
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
      const query = new URLSearchParams({ instance, ...(after === '' ? {} : { after }) });
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
