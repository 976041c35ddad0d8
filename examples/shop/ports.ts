/**
 * Ports of the shop: a block of consecutive ones. They lie below the range that operating systems give to outgoing
 * connections, so that a service which is started again finds its port still free.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 7100;
const BLOCK = 20;
const BLOCKS_MAX = 50;

/** The first port of the first block in which `count` ports are free on loopback. */
export async function freeBlock(count: number, first: number = FIRST): Promise<number> {
  for (let block = 0; block < BLOCKS_MAX; block += 1) {
    const from = first + block * BLOCK;
    const ports = Array.from({ length: count }, (_, i) => from + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return from;
  }
  throw new Error(`no ${count} free ports in a row between ${first} and ${first + BLOCK * BLOCKS_MAX}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await once(server.close(), 'close');
    return true;
  } catch {
    return false;
  }
}
