/** Asks over HTTP/1.1, to where OTLP/HTTP goes. */
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Connector, createOwnAgent } from '@aode/journal';
import { type AskLine, ASKS_PATH, lineReader } from './ask-line.ts';

export interface AskLineOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

interface Asked {
  readonly method?: string;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string | number>>;
}

export function createHttpAskLine(connector: Connector, { headers, timeoutMs }: AskLineOptions): AskLine {
  const { endpoint, proxy } = connector;
  const agent = createOwnAgent(connector);
  const toProxy = proxy?.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization };
  const send = (query: string, options: Asked): ClientRequest => {
    const request = endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
    const url = new URL(endpoint);
    url.pathname = `${endpoint.pathname.replace(/\/+$/, '')}${ASKS_PATH}`;
    url.search = query;
    // To a proxy the whole address (RFC 9112, § 3.2.2).
    const path = proxy === undefined ? {} : { path: `${url.origin}${url.pathname}${url.search}` };
    return request(url, {
      ...options,
      ...path,
      agent,
      headers: { ...headers, ...options.headers, ...toProxy },
    });
  };
  return {
    post: (body) =>
      new Promise((resolve) => {
        const sent = send('', {
          method: 'POST',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        });
        sent.on('error', () => resolve(undefined));
        sent.on('response', (answer) => {
          answer.resume();
          answer.on('error', () => undefined);
          resolve(answer.statusCode);
        });
        sent.end(body);
      }),
    open(query, { onLine, onEnd }) {
      let isOver = false;
      const end = (status: number | undefined): void => {
        if (isOver) return;
        isOver = true;
        sent.destroy();
        onEnd(status);
      };
      const sent = send(query, {});
      sent.on('error', () => end(undefined));
      sent.on('response', (answer) => {
        if (answer.statusCode !== 200) {
          answer.resume();
          end(answer.statusCode);
          return;
        }
        const read = lineReader(onLine);
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => void (read(part) || end(200)));
        answer.on('error', () => end(200));
        answer.on('close', () => end(200));
      });
      sent.end();
      return { [Symbol.dispose]: () => end(undefined) };
    },
    close() {
      agent.destroy();
      connector.close();
    },
  };
}
