/**
 * The shop: twelve services, each in its own process, and their customers. Ctrl-C ends all of them.
 *
 *   node --conditions=@aode/source examples/shop/shop.ts [--import MODULE] [--rate 10] [--seed 1] [--port 7100]
 *                                                        [--state FILE] [--no-traffic] [--verbose]
 *
 * `--import` is loaded before each service: `--import @aode/sdk/register` is all it takes to see them on the board.
 * `--state` names a file that says where the shop's page is, for `fault.ts`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveControl } from './control.ts';
import { faultOf } from './faults.ts';
import { freeBlock } from './ports.ts';
import { SupervisedProcess } from './process.ts';
import { SERVICES, type Service } from './services.ts';

const { values: options } = parseArgs({
  options: {
    import: { type: 'string' },
    rate: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string' },
    state: { type: 'string' },
    'no-traffic': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const here = import.meta.dirname;
const say = (line: string): void => void process.stdout.write(`shop: ${line}\n`);
const first = await freeBlock(
  1 + SERVICES.length,
  options.port === undefined ? undefined : Number(options.port),
);
const urls = new Map(SERVICES.map(({ name }, i) => [name, `http://127.0.0.1:${first + 1 + i}`]));
const urlOf = (name: string): string => urls.get(name) ?? '';

let fault: string | null = null;
let faultSince: number | null = null;
const faultsOf = (name: string): object => ({
  type: 'faults',
  active: fault !== null && faultOf(fault)?.service === name ? [fault] : [],
});

function serviceProcess({ name, calls }: Service, i: number): SupervisedProcess {
  const addresses = calls.map((callee) => [
    `${callee.toUpperCase().replaceAll('-', '_')}_URL`,
    urlOf(callee),
  ]);
  return new SupervisedProcess({
    name,
    file: join(here, 'services', `${name}.js`),
    env: { ...Object.fromEntries(addresses), PORT: String(first + 1 + i), OTEL_SERVICE_NAME: name },
    preload: options.import,
    greeting: () => faultsOf(name),
    say,
    ...(options.verbose ? { heard: (line: string) => void process.stdout.write(`${name}: ${line}\n`) } : {}),
  });
}

const services = SERVICES.map(serviceProcess);
const customers = new SupervisedProcess({
  name: 'customers',
  file: join(here, 'traffic.ts'),
  args: ['--url', urlOf('gateway'), '--rate', options.rate, '--seed', options.seed],
  env: {},
  preload: undefined,
  greeting: () => ({}),
  say,
});

const page = `http://127.0.0.1:${first}/`;
const control = await serveControl(first, {
  state: () => ({
    fault,
    sinceUnixMs: faultSince,
    services: services.map(({ name, pid, state, restarts }) => ({
      name,
      url: urlOf(name),
      pid: pid ?? null,
      state,
      restarts,
    })),
  }),
  setFault(name) {
    fault = name;
    faultSince = name === null ? null : Date.now();
    for (const service of services) service.tell(faultsOf(service.name));
    say(name === null ? 'healed' : `fault on: ${faultOf(name)?.title ?? name}`);
  },
  lines: (name) => services.find((service) => service.name === name)?.lines(),
});
if (options.state !== undefined) {
  mkdirSync(dirname(options.state), { recursive: true });
  writeFileSync(options.state, JSON.stringify({ url: page, pid: process.pid }));
}

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  control.close();
  control.closeAllConnections();
  await customers.stop();
  await Promise.all(services.map((service) => service.stop()));
  if (options.state !== undefined) rmSync(options.state, { force: true });
  // The channel to whoever started the shop would keep this process alive.
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
process.once('disconnect', () => void end());

const from = performance.now();
for (const service of services) service.start();
await Promise.all(services.map((service) => service.running));
const seconds = ((performance.now() - from) / 1000).toFixed(1);
say(`${services.length} services run after ${seconds} s, at ${urlOf('gateway')}`);
say(`break something at ${page} or with \`npm run fault\``);
if (!options['no-traffic']) customers.start();
process.send?.({ type: 'listening', page, gateway: urlOf('gateway') });
