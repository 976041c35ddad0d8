/**
 * One service of a chain. It asks the services at `NEXT` (addresses, one after the other) for the same path, and fails
 * when one of them does. The last of a chain does what the path says: `/good`, `/fail`, `/hang` until it is cut off.
 * Under `/late` the second of `NEXT` is asked only when the parent says so, whatever the first has answered.
 */
import { once } from 'node:events';
// As a whole, because stock instrumentation replaces its functions.
import http from 'node:http';

const NEXT = (process.env['NEXT'] ?? '').split(',').filter((url) => url !== '');

const tell = (what: string | number): void => void process.send?.(what);

async function call(base: string, path: string): Promise<number> {
  const request = http.get(base + path, { agent: false });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

async function work(path: string): Promise<number> {
  const [first, ...others] = NEXT;
  if (first === undefined) return path === '/fail' ? 500 : 200;
  let status = await call(first, path === '/late' ? '/fail' : path);
  for (const next of others) {
    if (path === '/late') {
      const told = once(process, 'message');
      tell('waiting');
      await told;
    }
    status = Math.max(status, await call(next, '/good'));
  }
  return status >= 400 ? 502 : status;
}

const server = http.createServer((request, response) => {
  if (request.url === '/hang' && NEXT.length === 0) {
    tell('hanging');
    return;
  }
  work(request.url ?? '').then(
    (status) => response.writeHead(status).end(),
    () => response.writeHead(502).end(),
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) tell(address.port);
});
