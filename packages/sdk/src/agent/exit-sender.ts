/**
 * A program of its own: delivers what a process had left when it exited. Reads from standard input a line of JSON
 * `{ endpoint, headers, timeoutMs, batches: [{ signal, bytes }] }` and behind it the bodies, one after the other;
 * writes the index of each batch that was delivered as a line to standard output. Imports nothing but Node.js, so
 * that it starts fast.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface ExitOrder {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly batches: readonly { readonly signal: string; readonly bytes: number }[];
}

async function readAll(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function post({ endpoint, headers, timeoutMs }: ExitOrder, signal: string, body: Buffer): Promise<boolean> {
  const request = endpoint.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const sent = request(`${endpoint}/v1/${signal}`, {
      method: 'POST',
      timeout: timeoutMs,
      headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-length': body.length },
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(Math.floor((answer.statusCode ?? 0) / 100) === 2));
      answer.on('error', () => resolve(false));
    });
    sent.end(body);
  });
}

async function main(): Promise<void> {
  const input = await readAll();
  const lineEnd = input.indexOf(0x0a);
  const order = JSON.parse(input.toString('utf8', 0, lineEnd)) as ExitOrder;
  let at = lineEnd + 1;
  const bodies = order.batches.map(({ signal, bytes }) => {
    const body = input.subarray(at, at + bytes);
    at += bytes;
    return { signal, body };
  });
  await Promise.all(
    bodies.map(async ({ signal, body }, i) => {
      if (await post(order, signal, body)) process.stdout.write(`${i}\n`);
    }),
  );
}

void main();
