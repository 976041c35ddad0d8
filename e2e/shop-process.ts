/** The shop with its hub, as `npm start` starts them, on ports of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SERVICES } from '../examples/shop/services.ts';
import { freePorts } from './hub-process.ts';

export interface Shop {
  /** Where the hub answers. */
  readonly board: string;
  stop(): Promise<void>;
}

/** Resolves once all services are on the board. */
export async function startShop(
  shopPort: number,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<Shop> {
  const { board, http, grpc } = await freePorts();
  const ports = [
    '--port',
    board,
    '--otlp-http-port',
    http,
    '--otlp-grpc-port',
    grpc,
    '--shop-port',
    shopPort,
  ];
  const all = ['tools/start.ts', '--memory', '--no-fault', ...ports.map(String), ...args];
  const shop = spawn(process.execPath, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  assert.ok(shop.stdout !== null);
  for await (const line of createInterface(shop.stdout)) {
    if (line.startsWith(`${SERVICES.length} services on the board`)) break;
  }
  return {
    board: `http://127.0.0.1:${board}`,
    async stop() {
      const gone = once(shop, 'exit');
      shop.kill('SIGINT');
      await gone;
    },
  };
}
