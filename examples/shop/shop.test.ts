/** The shop by itself, without any instrumentation: it sells, breaks as it is told, heals, and leaves no process. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ShopState } from './control-page.ts';
import { FAULTS } from './faults.ts';
import { SERVICES } from './services.ts';

let shop: ChildProcess;
let page: string;
let gateway: string;

before(async () => {
  const args = ['--no-traffic', '--port', '7800'];
  shop = fork(join(import.meta.dirname, 'shop.ts'), args, {
    execArgv: ['--conditions=@aode/source'],
    silent: true,
  });
  const [message] = (await once(shop, 'message')) as [{ page: string; gateway: string }];
  ({ page, gateway } = message);
});
after(() => {
  shop.kill('SIGKILL');
});

async function state(): Promise<ShopState> {
  return (await (await fetch(`${page}state`)).json()) as ShopState;
}

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  await response.arrayBuffer();
  return response.status;
}

let carts = 0;
async function checkout(card = '4242424242424242'): Promise<number> {
  carts += 1;
  const cart = `${gateway}/api/carts/test-${carts}`;
  assert.equal(await post(`${cart}/items`, { sku: 'tea-green', quantity: 2 }), 201);
  return await post(`${cart}/checkout`, { customer: 'somebody', card });
}

const logOf = async (service: string): Promise<string> => (await fetch(`${page}logs/${service}`)).text();

/** Asks again and again until it holds; the seconds are those of a slow machine. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, what);
    await pause(50);
  }
}

test('a checkout takes all twelve services, each with a log line about it', async () => {
  assert.equal(await checkout(), 201);
  for (const { name } of SERVICES) {
    // What Node itself has to say goes to standard error, and is kept too.
    const lines = (await logOf(name)).split('\n').filter((line) => line.startsWith('{'));
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    assert.ok(
      messages.some((msg) => msg !== 'listening'),
      name,
    );
  }
});

test('products, searches, and what there is not', async () => {
  assert.equal((await fetch(`${gateway}/api/products/tea-green`)).status, 200);
  const found = (await (await fetch(`${gateway}/api/search?q=pot`)).json()) as { hits: { sku: string }[] };
  assert.ok(found.hits.some((hit) => hit.sku === 'pot-clay'));
  assert.equal((await fetch(`${gateway}/api/products/no-such`)).status, 404);
  assert.equal((await fetch(`${gateway}/secret`)).status, 404);
});

test('a card without funds is declined, which is no failure', async () => {
  assert.equal(await checkout('4000000000000002'), 402);
  assert.doesNotMatch(await logOf('bank-adapter'), /"level":50/);
});

test('payment-500: its pool runs dry, payment fails and says why; heal mends it', async () => {
  await post(`${page}faults/payment-500`, {});
  await until('payments fail', async () => (await checkout()) === 502);
  assert.match(await logOf('payment'), /"level":50.*payment not recorded: no database connection/);
  assert.match(await logOf('inventory'), /reservation released/);
  await post(`${page}heal`, {});
  await until('payments succeed', async () => (await checkout()) === 201);
});

test('slow-inventory: answers come late, with the plan in the log', async () => {
  await post(`${page}faults/slow-inventory`, {});
  await until('a query is slow', async () => {
    await (await fetch(`${gateway}/api/products/tea-green`)).arrayBuffer();
    return (await logOf('inventory')).includes('Seq Scan on stock');
  });
  await post(`${page}heal`, {});
});

test('crash: ledger dies, the others say so, it is started again and works once healed', async () => {
  await post(`${page}faults/crash`, {});
  assert.equal(await checkout(), 502);
  assert.match(await logOf('bank-adapter'), /ledger did not answer/);
  await post(`${page}heal`, {});
  await until('ledger is back', async () => (await checkout()) === 201);
  const ledger = (await state()).services.find((s) => s.name === 'ledger');
  assert.ok((ledger?.restarts ?? 0) >= 1);
});

test('drop-context: mails are still sent', async () => {
  await post(`${page}faults/drop-context`, {});
  assert.equal(await checkout(), 201);
  await post(`${page}heal`, {});
});

test('the switch obeys this machine and this page only', async () => {
  const origin = { origin: 'http://evil.example' };
  assert.equal(await post(`${page}faults/crash`, {}, origin), 403);
  assert.equal(await post(`${page}faults/nonsense`, {}), 404);
  assert.equal((await state()).fault, null);
  const html = await (await fetch(page)).text();
  for (const { title } of FAULTS) assert.ok(html.includes(title));
});

test('by command: the list, a fault, healing, and a name that is none', async () => {
  // This thread goes on meanwhile: it has to hear which connections are closed.
  const fault = async (...args: string[]): Promise<{ readonly code: unknown; readonly stdout: string }> => {
    const all = [join(import.meta.dirname, 'fault.ts'), '--url', page, ...args];
    return await new Promise((resolve) =>
      execFile(process.execPath, all, (error, stdout) => resolve({ code: error?.code ?? 0, stdout })),
    );
  };
  const { stdout } = await fault();
  for (const { name } of FAULTS) assert.ok(stdout.includes(name));
  assert.equal((await fault('slow-inventory')).code, 0);
  assert.equal((await state()).fault, 'slow-inventory');
  assert.equal((await fault('heal')).code, 0);
  assert.equal((await state()).fault, null);
  assert.equal((await fault('nonsense')).code, 2);
});

test('when the supervisor is killed, no service stays behind', async () => {
  const pids = (await state()).services.map(({ pid }) => pid ?? 0);
  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  assert.ok(pids.every(alive));
  shop.kill('SIGKILL');
  await until('all are gone', async () => !pids.some(alive));
});
