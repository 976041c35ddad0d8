/**
 * Outages with real parts: `aode` hubs as processes, an application that writes 5 000 lines a second. AODE_E2E_OUTAGE_S
 * sets how long the hub is away (default 15), AODE_E2E_FAILOVERS how often each kind of failure comes (default 1).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '@aode/base';
import { freePorts, type HubPorts, type HubProcess, startHubProcess } from './hub-process.ts';
import {
  type Arrivals,
  arrivalsSince,
  hasMore,
  startShipWriter,
  tailCursor,
  type WriterEnd,
} from './ship-writer.ts';

const OUTAGE_S = Number(process.env['AODE_E2E_OUTAGE_S'] ?? 15);
const FAILOVERS = Number(process.env['AODE_E2E_FAILOVERS'] ?? 1);
const LINES_PER_SECOND = 5000;
/** What users are promised. */
const FAILOVER_MEAN_MS = 8400;
const FAILOVER_WORST_MS = 15_000;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'aode-ship-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function kill({ child }: HubProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Within one hub no line is twice, and those of one writer came in their order. */
function assertOnceAndInOrder({ numbers, names }: Arrivals): void {
  assert.equal(new Set(numbers).size, numbers.length, 'no line is there twice');
  const last = new Map<string, number>();
  for (const [writer, number] of names) {
    assert.ok(number > (last.get(writer) ?? -1), `${number} of ${writer} came behind ${last.get(writer)}`);
    last.set(writer, number);
  }
}

function assertNothingLost({ isFlushed, losses, ledger }: WriterEnd, expected: number): void {
  assert.deepEqual([isFlushed, losses, ledger.waiting], [true, {}, 0]);
  assert.equal(ledger.delivered, expected);
}

for (const protocol of ['http/protobuf', 'grpc'] as const) {
  // The other protocol ships by the same journal and the same shipper; so a short outage does.
  const outageS = protocol === 'grpc' ? Math.min(5, OUTAGE_S) : OUTAGE_S;
  test(`${protocol}: a hub away for ${outageS} s and killed twice has every line once, in order`, async (t) => {
    const folder = folderOf(t);
    const data = join(folder, 'data');
    const ports = await freePorts();
    const seed = Date.now() % 1_000_000;
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    let hub = await startHubProcess(data, ports);
    t.after(() => hub.stop());
    const begin = await tailCursor(hub.board);
    const writer = await startShipWriter(folder, LINES_PER_SECOND, {
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? hub.grpc : hub.http,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    while (!(await hasMore(hub.board, begin))) await pause(50);
    // The moment of a kill is the point of this test, so it is drawn, not waited for.
    await pause(1000 + random.below(1000));
    await kill(hub);
    await pause(outageS * 1000);
    hub = await startHubProcess(data, ports);
    // It takes what has waited, and is killed in the middle of that.
    const before = await tailCursor(hub.board);
    while (!(await hasMore(hub.board, before))) await pause(5);
    await pause(random.below(300));
    await kill(hub);
    hub = await startHubProcess(data, ports);
    await untilHeard(hub);
    const end = await writer.stop();
    t.diagnostic(`${end.count} lines; ${writer.complaints().split('\n')[0]}`);
    const arrivals = await arrivalsSince(hub.board, begin);
    assert.ok(end.count > outageS * LINES_PER_SECOND * 0.9, `only ${end.count} lines were written`);
    assert.equal(arrivals.numbers.length, end.count);
    assertOnceAndInOrder(arrivals);
    assertNothingLost(end, end.count);
    if (protocol === 'grpc')
      assert.match(await metricsOf(hub), /^aode_hub_requests_total\{.*grpc.*stored.*\} \d+$/m);
  });
}

const metricsOf = async ({ board }: HubProcess): Promise<string> => (await fetch(`${board}/metrics`)).text();

/** A way to a port that can be made to swallow everything, in both directions. */
interface Pipe extends AsyncDisposable {
  readonly endpoint: string;
  isHole: boolean;
}

async function openPipe(port: number): Promise<Pipe> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('data', (part) => void (pipe.isHole || to.write(part)));
  };
  const server = createServer((incoming) => {
    const outgoing = connect({ port, host: '127.0.0.1' });
    pass(incoming, outgoing);
    pass(outgoing, incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const pipe: Pipe = {
    endpoint: `http://127.0.0.1:${address.port}`,
    isHole: false,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  return pipe;
}

interface Pair {
  readonly data: string;
  readonly ports: HubPorts;
  readonly pipe: Pipe;
  first: HubProcess;
  readonly second: HubProcess;
}

/** Makes the first hub fail, and gives back what mends it. */
const FAILURES: Readonly<Record<string, (pair: Pair) => Promise<() => Promise<void>>>> = {
  async 'kill -9'(pair) {
    await kill(pair.first);
    return async () => void (pair.first = await startHubProcess(pair.data, pair.ports));
  },
  async SIGSTOP({ first }) {
    first.child.kill('SIGSTOP');
    return async () => void first.child.kill('SIGCONT');
  },
  async 'black hole'({ pipe }) {
    pipe.isHole = true;
    return async () => void (pipe.isHole = false);
  },
};

/** Until the hub takes lines that come from now on. */
async function msUntilTaken(board: string): Promise<number> {
  const start = performance.now();
  const cursor = await tailCursor(board);
  while (!(await hasMore(board, cursor))) await pause(50);
  return performance.now() - start;
}

/** Until an SDK listens to what the hub asks for. */
async function untilHeard(hub: HubProcess): Promise<void> {
  while (!/^aode_hub_ask_streams 1$/m.test(await metricsOf(hub))) await pause(50);
}

test(`two hubs, ${FAILOVERS} failures of each kind: the second takes over, the first comes back`, async (t) => {
  const folder = folderOf(t);
  const ports = await freePorts();
  const data = join(folder, 'first');
  await using pipe = await openPipe(ports.http);
  const [first, second] = [await startHubProcess(data, ports), await startHubProcess(join(folder, 'second'))];
  const pair: Pair = { data, ports, pipe, first, second };
  t.after(async () => {
    pair.first.child.kill('SIGCONT');
    await Promise.all([pair.first.stop(), second.stop()]);
  });
  const begins = [await tailCursor(first.board), await tailCursor(second.board)];
  const writer = await startShipWriter(folder, LINES_PER_SECOND, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${pipe.endpoint},${second.http}`,
  });
  await msUntilTaken(first.board);
  const over: number[] = [];
  const back: number[] = [];
  for (let round = 0; round < FAILOVERS; round += 1) {
    for (const [kind, fail] of Object.entries(FAILURES)) {
      const mend = await fail(pair);
      over.push(await msUntilTaken(second.board));
      await untilHeard(second);
      await mend();
      const mended = performance.now();
      // A hub that goes on may store what it had before, so its lines alone do not tell.
      const isBack = new RegExp(`to ${pipe.endpoint}/`, 'g');
      while ((writer.complaints().match(isBack) ?? []).length < back.length + 1) await pause(50);
      await msUntilTaken(pair.first.board);
      back.push(performance.now() - mended);
      await untilHeard(pair.first);
      t.diagnostic(
        `${kind}: over after ${over.at(-1)?.toFixed(0)} ms, back after ${back.at(-1)?.toFixed(0)} ms`,
      );
    }
  }
  const end = await writer.stop();
  const mean = over.reduce((sum, ms) => sum + ms, 0) / over.length;
  t.diagnostic(
    `failover: mean ${mean.toFixed(0)} ms, worst ${Math.max(...over).toFixed(0)} ms, ${over.length} times`,
  );
  const all = [
    await arrivalsSince(pair.first.board, begins[0] ?? ''),
    await arrivalsSince(second.board, begins[1] ?? ''),
  ];
  for (const one of all) assertOnceAndInOrder(one);
  const numbers = new Set(all.flatMap((one) => one.numbers));
  assert.equal(numbers.size, end.count, 'every line is in one of them');
  const both = all.reduce((sum, one) => sum + one.numbers.length, 0) - end.count;
  t.diagnostic(`${end.count} lines, ${both} of them in both hubs`);
  assertNothingLost(end, end.count);
  assert.match(writer.complaints(), /AODE_ENDPOINT_CHANGED/);
  assert.ok(mean <= FAILOVER_MEAN_MS, `mean ${mean} ms`);
  assert.ok(Math.max(...over) <= FAILOVER_WORST_MS, `worst ${Math.max(...over)} ms`);
});
