/** Asks over HTTP/2, to where OTLP/gRPC goes: a receiver of gRPC knows no HTTP/1.1. */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { type Connector, openHttp2 } from '@aode/journal';
import type { AskLineOptions } from './ask-http.ts';
import { type AskLine, ASKS_PATH, lineReader } from './ask-line.ts';

export function createHttp2AskLine(connector: Connector, options: AskLineOptions): AskLine {
  const { timeoutMs } = options;
  const headers = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  let current: ClientHttp2Session | undefined;
  let opening: Promise<ClientHttp2Session> | undefined;
  let isClosed = false;
  /** One for all: whoever comes while it is opened waits for it too. */
  const session = async (): Promise<ClientHttp2Session> => {
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    opening ??= openHttp2(connector).finally(() => (opening = undefined));
    current = await opening;
    if (isClosed) current.destroy();
    return current;
  };
  const request = async (own: OutgoingHttpHeaders, signal?: AbortSignal): Promise<ClientHttp2Stream> => {
    const open = await session();
    const stream = open.request({ ...headers, ...own }, signal === undefined ? {} : { signal });
    stream.on('error', () => undefined);
    return stream;
  };
  return {
    async post(body) {
      try {
        const asked = { ':method': 'POST', ':path': ASKS_PATH, 'content-type': 'application/json' };
        const stream = await request(asked, AbortSignal.timeout(timeoutMs));
        const status = statusOf(stream);
        stream.resume();
        stream.end(body);
        return await status;
      } catch {
        return undefined;
      }
    },
    open(query, { onLine, onEnd }) {
      let isOver = false;
      let stream: ClientHttp2Stream | undefined;
      const end = (status: number | undefined): void => {
        if (isOver) return;
        isOver = true;
        stream?.close();
        onEnd(status);
      };
      const listen = async (): Promise<void> => {
        stream = await request({ ':method': 'GET', ':path': `${ASKS_PATH}?${query}` });
        if (isOver) stream.close();
        const answered = statusOf(stream);
        const read = lineReader(onLine);
        stream.setEncoding('utf8');
        stream.on('data', (part: string) => void (isOver || read(part) || end(200)));
        const status = await answered;
        if (status !== 200) end(status);
        else if (stream.closed) end(200);
        else stream.on('close', () => end(200));
      };
      listen().catch(() => end(undefined));
      return { [Symbol.dispose]: () => end(undefined) };
    },
    close() {
      isClosed = true;
      current?.destroy();
      connector.close();
    },
  };
}

/** Undefined when the stream has ended without. */
function statusOf(stream: ClientHttp2Stream): Promise<number | undefined> {
  return new Promise((resolve) => {
    stream.on('response', (said) => resolve(said[':status']));
    stream.on('close', () => resolve(undefined));
  });
}
