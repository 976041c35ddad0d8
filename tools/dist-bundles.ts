/**
 * The SDK from its tarball inside an application: loaded by `import` and by `require`, from TypeScript that Node.js
 * runs as it is, and bundled by esbuild and webpack, with the SDK in the bundle and with it in front. In each the
 * request must arrive as a client and a server span, sent by the agent's worker, of which there is exactly one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As they were when these checks were written; installed where they are needed only. */
export const BUNDLERS = ['esbuild@0.28.2', 'webpack@5.112.2'];

export type Check = (name: string, ok: boolean, detail?: string) => void;

/** Asks itself once, and ends by `process.exit`. Workers that are started are counted from the first statement. */
const APP = `let workers = 0;
process.on('worker', () => (workers += 1));
START
const server = http.createServer((req, res) => res.end('ok'));
server.listen(0, '127.0.0.1', async () => {
  const answer = await fetch('http://127.0.0.1:' + PORT + '/hello');
  await answer.text();
  console.log('workers ' + workers);
  process.exit(0);
});
`;

type Loads = 'import' | 'require';

function appOf(loads: Loads, startsItself: boolean, language: 'js' | 'ts' = 'js'): string {
  const load = (name: string, from: string): string =>
    loads === 'import' ? `import ${name} from '${from}';\n` : `const ${name} = require('${from}');\n`;
  const port = language === 'ts' ? '(server.address() as { port: number }).port' : 'server.address().port';
  const body = APP.replace('PORT', port);
  const start = startsItself ? 'startAode();' : '';
  const code = body.replace('START', start);
  return load('http', 'node:http') + (startsItself ? load('{ startAode }', '@aode/sdk') : '') + code;
}

/** Runs the application in front of a receiver, and prints what came of both. */
const COLLECT = `import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { openReceiver } from '@aode/journal/otlp-receiver';
const receiver = await openReceiver();
const own = { AODE_EXIT_TIMEOUT: '20000', AODE_JOURNAL_DIRECTORY: 'off' };
const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...own };
const child = spawn(process.execPath, process.argv.slice(2), { env, stdio: ['ignore', 'pipe', 'pipe'] });
const [[code], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
const kinds = receiver.spans.map(({ kind }) => kind).sort();
console.log(JSON.stringify({ code, stdout, stderr, kinds }));
await receiver[Symbol.asyncDispose]();
`;

/** Node.js takes types away by itself from here on. */
const TYPES_SINCE = [22, 18] as const;

const REGISTER = ['--import', '@aode/sdk/register'];

/** Once for a folder with the tarballs and the bundlers in it. */
export function writeBundles(node: string, folder: string): void {
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);
  write('collect.mjs', COLLECT);
  for (const startsItself of [true, false]) {
    const name = startsItself ? 'own' : 'plain';
    write(`${name}.mjs`, appOf('import', startsItself));
    write(`${name}.cjs`, appOf('require', startsItself));
    write(`${name}.mts`, appOf('import', startsItself, 'ts'));
  }
  write('bundled-register.mjs', "import '@aode/sdk/register';\nconsole.log('runs');\n");
  write('bundle.mjs', BUNDLE);
  execFileSync(node, ['bundle.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** esbuild and webpack in both formats; what the second has to say beside errors is not for us. */
const BUNDLE = `import { build } from 'esbuild';
import webpack from 'webpack';
for (const name of ['own', 'plain', 'bundled-register']) {
  for (const [format, ending] of [['esm', 'mjs'], ['cjs', 'cjs']]) {
    await build({
      entryPoints: [name + '.mjs'], bundle: true, platform: 'node', format, logLevel: 'error',
      outfile: 'bundles/' + name + '-esbuild.' + ending, minify: true,
      logOverride: { 'empty-import-meta': 'silent' },
    });
    const isEsm = format === 'esm';
    const stats = await new Promise((resolve, reject) => webpack({
      mode: 'production', target: 'node22', entry: './' + name + '.mjs',
      experiments: { outputModule: isEsm },
      output: {
        path: process.cwd() + '/bundles', filename: name + '-webpack.' + ending,
        ...(isEsm ? { library: { type: 'module' }, module: true } : {}),
      },
    }, (error, stats) => (error ? reject(error) : resolve(stats))));
    if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  }
}
`;

/** On one version of Node.js. */
export function checkApplications(node: string, folder: string, { name, check }: Named): void {
  const run = (title: string, args: readonly string[]): void => {
    const seen = collect(node, folder, args);
    // Whether the event of an agent that was started in front is still heard differs by the version of Node.js.
    const counts = args[0] === REGISTER[0] ? [0, 1] : [1];
    const wanted = counts.map((n) =>
      JSON.stringify({ code: 0, stdout: `workers ${n}\n`, stderr: '', kinds: [2, 3] }),
    );
    check(`${name}: ${title}`, wanted.includes(seen), seen);
  };
  const [major = 0, minor = 0] = versionOf(node);
  const takesTypes = major > TYPES_SINCE[0] || (major === TYPES_SINCE[0] && minor >= TYPES_SINCE[1]);
  for (const ending of ['mjs', 'cjs', ...(takesTypes ? ['mts'] : [])]) {
    run(`${ending} that starts the SDK itself`, [`own.${ending}`]);
    if (ending === 'mts') run('mts under register', [...REGISTER, 'plain.mts']);
  }
  for (const bundler of ['esbuild', 'webpack']) {
    for (const ending of ['mjs', 'cjs']) {
      run(`${bundler} with the SDK in the bundle, ${ending}`, [`bundles/own-${bundler}.${ending}`]);
      run(`${bundler} with the SDK in front, ${ending}`, [...REGISTER, `bundles/plain-${bundler}.${ending}`]);
      const bundled = spawnSync(node, [`bundles/bundled-register-${bundler}.${ending}`], {
        cwd: folder,
        encoding: 'utf8',
      });
      const isSaid = /^aode: AODE_REGISTER_FAILED: [^\n]*part of a bundle[^\n]*\n$/.test(bundled.stderr);
      check(
        `${name}: ${bundler} with register in the bundle, ${ending}: one coded line, it runs`,
        isSaid && bundled.stdout === 'runs\n',
        bundled.stdout + bundled.stderr,
      );
    }
  }
}

export interface Named {
  readonly name: string;
  readonly check: Check;
}

const collect = (node: string, cwd: string, args: readonly string[]): string =>
  spawnSync(node, ['collect.mjs', ...args], { cwd, encoding: 'utf8', timeout: 60_000 }).stdout.trim();

const versionOf = (node: string): readonly number[] =>
  execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1).split('.').map(Number);
