/**
 * A program of its own: delivers what a process had left when it exited, by the same protocol, certificates and
 * proxies. Reads from standard input a line of JSON, an ExitOrder, and behind it the bodies, one after the other;
 * writes the index of each batch that was delivered as a line to standard output.
 */
import { createPoster, type PostOptions, type ShippedSignal } from '@aode/journal';

export interface ExitOrder {
  /** The endpoint that has answered last is the first. */
  readonly post: PostOptions;
  readonly batches: readonly { readonly signal: ShippedSignal; readonly bytes: number }[];
}

async function readAll(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

async function main(): Promise<void> {
  const input = await readAll();
  const lineEnd = input.indexOf(0x0a);
  const order = JSON.parse(input.toString('utf8', 0, lineEnd)) as ExitOrder;
  const poster = createPoster(order.post);
  poster.keepAlive(true);
  let at = lineEnd + 1;
  const bodies = order.batches.map(({ signal, bytes }) => {
    const body = input.subarray(at, at + bytes);
    at += bytes;
    return { signal, body };
  });
  await Promise.all(
    bodies.map(async ({ signal, body }, i) => {
      const { kind } = await poster.post(signal, body);
      if (kind === 'done') process.stdout.write(`${i}\n`);
    }),
  );
  poster.close();
}

void main();
