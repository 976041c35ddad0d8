/** Every way in which a program can end, as a program that ends so, in either module system. */

export interface Ending {
  readonly name: string;
  /** Its last statements. They have `work(name)`, an ended span; `open(name)`, one that stays so; `FILE`, `tell`. */
  readonly script: string;
  /** Sent when the program has told "ready". */
  readonly signal?: NodeJS.Signals;
  /** Spans that arrive, each once; those that were open come marked as incomplete. */
  readonly spans: readonly string[];
  /** Promised only where the agent is a worker. */
  readonly needsWorker?: boolean;
}

/** What the scripts are written in, before their own statements. */
const TOOLS = `
const tracer = trace.getTracer('t');
const work = (name) => tracer.startSpan(name).end();
const open = (name) => tracer.startSpan(name);
const tell = (text) => fs.writeSync(1, text + '\\n');
const live = () => setInterval(() => {}, 1e6);
`;

const IMPORTS: Readonly<Record<string, string>> = {
  trace: '@opentelemetry/api',
  createServer: 'node:http',
  fork: 'node:child_process',
  Worker: 'node:worker_threads',
  isMainThread: 'node:worker_threads',
  parentPort: 'node:worker_threads',
};
const MODULES: Readonly<Record<string, string>> = { cluster: 'node:cluster', fs: 'node:fs' };

/** The program as an ES module or as CommonJS. */
export function programOf({ script }: Ending, system: 'mjs' | 'cjs'): string {
  const isEsm = system === 'mjs';
  const named = Object.entries(IMPORTS).map(([name, from]) =>
    isEsm ? `import { ${name} } from '${from}';` : `const { ${name} } = require('${from}');`,
  );
  const whole = Object.entries(MODULES).map(([name, from]) =>
    isEsm ? `import ${name} from '${from}';` : `const ${name} = require('${from}');`,
  );
  const file = `const FILE = ${isEsm ? 'import.meta.filename' : '__filename'};`;
  return [...named, ...whole, file, TOOLS, script].join('\n');
}

/** Ways that promise everything. */
export const DELIVERED: readonly Ending[] = [
  { name: 'the event loop is empty', script: `work('done'); open('open');`, spans: ['done', 'open'] },
  { name: 'process.exitCode', script: `work('done'); process.exitCode = 3;`, spans: ['done'] },
  {
    name: 'process.exit() in the first statement',
    script: `process.exit(work('done') ?? 7);`,
    spans: ['done'],
  },
  {
    name: 'process.exit() later',
    script: `work('done'); setTimeout(() => { open('open'); process.exit(7); }, 20);`,
    spans: ['done', 'open'],
  },
  {
    name: 'the event loop is empty, with a handler of the end',
    script: `process.on('exit', () => work('last words')); work('done');`,
    spans: ['done', 'last words'],
  },
  {
    name: 'process.exit(), with handlers of the end of which one throws',
    script: `process.on('exit', () => { work('last words'); open('open'); throw new Error('mine'); });
      setImmediate(() => process.exit(work('done') ?? 7));`,
    spans: ['done', 'last words', 'open'],
  },
  {
    name: 'process.exit(), again in a handler of the end',
    script: `process.on('exit', () => process.exit(3)); setImmediate(() => process.exit(work('done') ?? 7));`,
    spans: ['done'],
  },
  {
    name: 'an uncaught throw',
    script: `work('done'); setImmediate(() => { open('open'); throw new Error('mine'); });`,
    spans: ['done', 'open'],
  },
  {
    name: 'an unhandled rejection',
    script: `work('done'); void Promise.reject(new Error('mine'));`,
    spans: ['done'],
  },
  {
    name: 'an uncaught throw that is handled, and the end of the event loop',
    script: `process.on('uncaughtException', () => { tell('caught'); work('after'); });
      setImmediate(() => { throw new Error('mine'); });`,
    spans: ['after'],
  },
  ...(['SIGTERM', 'SIGINT', 'SIGHUP'] as const).map((signal) => ({
    name: signal,
    script: `work('done'); open('open'); live(); tell('ready');`,
    signal,
    spans: ['done', 'open'],
  })),
  {
    name: 'SIGTERM with a handler that exits later',
    script: `work('done'); live();
      process.on('SIGTERM', () => { tell('told'); setTimeout(() => { work('late'); process.exit(4); }, 20); });
      tell('ready');`,
    signal: 'SIGTERM',
    spans: ['done', 'late'],
  },
  {
    name: 'SIGTERM with a handler after which the program goes on',
    script: `work('done'); const timer = live(); open('open');
      process.once('SIGTERM', () => { tell('told'); clearInterval(timer); setTimeout(() => work('late'), 20); });
      tell('ready');`,
    signal: 'SIGTERM',
    spans: ['done', 'late', 'open'],
  },
  {
    name: 'SIGTERM with a handler that raises it again where nobody else listens',
    script: `work('done'); live();
      const handler = () => {
        if (process.listeners('SIGTERM').length !== 1) return;
        tell('told');
        process.off('SIGTERM', handler);
        process.kill(process.pid, 'SIGTERM');
      };
      process.on('SIGTERM', handler);
      tell('ready');`,
    signal: 'SIGTERM',
    spans: ['done'],
  },
  {
    name: 'SIGTERM to itself as the last statement',
    script: `work('done'); process.kill(process.pid, 'SIGTERM');`,
    spans: ['done'],
  },
  {
    name: 'SIGINT to itself by its number, and what follows does not run',
    script: `work('done'); process.kill(process.pid, 2); tell('never');`,
    spans: ['done'],
  },
  {
    name: 'process.exit() in an http handler, with two requests open',
    script: `
      let count = 0;
      const server = createServer(() => { if (++count === 2) process.exit(6); });
      server.listen(0, '127.0.0.1', () => {
        for (const path of ['a', 'b']) fetch('http://127.0.0.1:' + server.address().port + '/' + path).catch(() => {});
      });`,
    spans: ['GET', 'GET', 'GET', 'GET'],
  },
  {
    name: 'a throw in an http handler',
    script: `
      const server = createServer(() => { throw new Error('mine'); });
      server.listen(0, '127.0.0.1', () => {
        fetch('http://127.0.0.1:' + server.address().port + '/').catch(() => {});
      });`,
    spans: ['GET', 'GET'],
  },
];

/** Threads and processes that end beside others, which go on. */
export const BESIDE: readonly Ending[] = [
  {
    name: 'process.exit() in a worker thread',
    script: `work(isMainThread ? 'main' : 'thread');
      if (isMainThread) new Worker(FILE).on('exit', (code) => { tell('exit ' + code); work('after'); });
      else { open('open'); process.exit(3); }`,
    spans: ['after', 'main', 'open', 'thread'],
  },
  {
    name: 'the end of a worker thread',
    script: `work(isMainThread ? 'main' : 'thread');
      if (isMainThread) new Worker(FILE).on('exit', (code) => tell('exit ' + code));
      else setTimeout(() => open('open'), 20);`,
    spans: ['main', 'open', 'thread'],
  },
  {
    name: 'a throw in a worker thread',
    script: `work(isMainThread ? 'main' : 'thread');
      if (isMainThread) new Worker(FILE).on('error', (error) => tell(error.message));
      else throw new Error('mine');`,
    spans: ['main', 'thread'],
  },
  {
    name: 'process.exit() of the main thread while a worker thread works',
    script: `work(isMainThread ? 'main' : 'thread');
      if (isMainThread) new Worker(FILE).on('message', () => process.exit(5));
      else { parentPort.postMessage(1); live(); }`,
    needsWorker: true,
    spans: ['main', 'thread'],
  },
  {
    name: 'the end of a forked process',
    script: `work(process.send === undefined ? 'parent' : 'child');
      if (process.send === undefined) fork(FILE).on('exit', (code) => { tell('exit ' + code); work('after'); });
      else process.exit(3);`,
    spans: ['after', 'child', 'parent'],
  },
  {
    name: 'a killed worker of a cluster: the others go on',
    script: `
      if (cluster.isPrimary) {
        work('primary');
        const [first, second] = [cluster.fork(), cluster.fork()];
        let online = 0;
        cluster.on('message', () => { if (++online === 2) first.process.kill('SIGKILL'); });
        first.on('exit', (code, signal) => { tell('first ' + signal); second.send('end'); });
        second.on('exit', (code) => { tell('second ' + code); work('after'); });
      } else {
        process.on('message', () => { work('worker'); process.exit(0); });
        process.send('online');
      }`,
    spans: ['after', 'primary', 'worker'],
  },
];
