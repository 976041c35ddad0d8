/**
 * `npm run test:dist`: what a user installs, as a user installs it. Packs all packages, installs the tarballs in a
 * fresh folder, and runs them on each Node that is promised, from ESM and from CommonJS, with both minor versions of
 * `@opentelemetry/api`; `aode up` runs from the tarball and shows a request of an instrumented application.
 */
import './node-version.js';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BUNDLERS, checkApplications, writeBundles } from './dist-bundles.ts';
import { packAll } from './pack.ts';

/** The least that is promised, the newest of each line in support, and the newest at all. */
const NODES = ['22.15.0', '22.23.3', '24.21.0', '26.10.0'];
const API_VERSIONS = ['1.9.1', '1.10.0'];
/** Bundlers work without their install scripts, so those are denied like all others (.npmrc). */
const FRESH = { name: 'fresh', version: '3.2.1', private: true, allowScripts: { esbuild: false } };
const ENTRIES = [
  '@aode/base',
  '@aode/base/manual-clock',
  '@aode/wire',
  '@aode/wire/hub-api',
  '@aode/journal',
  '@aode/journal/otlp-receiver',
  '@aode/sdk',
  '@aode/sdk/node-sdk',
  '@aode/sdk/pino',
  '@aode/sdk/span-processor',
  '@aode/hub',
  '@aode/hub/analysis',
];

const work = mkdtempSync(join(tmpdir(), 'aode-dist-'));
let failed = 0;
let passed = 0;

function check(name: string, ok: boolean, detail = ''): void {
  if (ok) passed += 1;
  else failed += 1;
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name}${ok || detail === '' ? '' : `\n${detail}`}\n`);
}

/** Path of a Node of this version, from the npm package that carries it; kept between runs. */
function nodeOf(version: string): string {
  const folder = join(process.cwd(), 'node_modules', '.cache', 'aode-nodes', version);
  const name = `node-linux-${process.arch}`;
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--silent', '--no-save', `${name}@${version}`], { cwd: folder });
  }
  return path;
}

/** A folder with the tarballs and one version of the OpenTelemetry API installed, as `npm install` lays it out. */
function install(tarballs: ReadonlyMap<string, string>, api: string, more: readonly string[] = []): string {
  const folder = join(work, `api-${api}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(FRESH));
  const wanted = [...tarballs.values(), `@opentelemetry/api@${api}`, 'pino@10.4.0', ...more];
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', ...wanted], {
    cwd: folder,
    stdio: 'inherit',
  });
  writeFileSync(join(folder, 'esm.mjs'), ENTRIES.map((e, i) => `import * as m${i} from '${e}';`).join('\n'));
  writeFileSync(join(folder, 'cjs.cjs'), ENTRIES.map((e) => `require('${e}');`).join('\n'));
  writeFileSync(join(folder, 'app.mjs'), APP);
  writeFileSync(
    join(folder, 'app.cjs'),
    APP.replace(/^import (\w+) from '(.+)';$/gm, "const $1 = require('$2');"),
  );
  return folder;
}

/** Answers one request, then asks itself, then ends. Ordinary code: nothing in it knows of Aode. */
const APP = `import http from 'node:http';
import pino from 'pino';
const log = pino();
const server = http.createServer((req, res) => {
  log.info({ path: req.url }, 'asked');
  res.end('ok');
});
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  await fetch(\`http://127.0.0.1:\${port}/hello\`);
  server.close();
  server.closeAllConnections();
});
`;

function run(
  node: string,
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const result = spawnSync(node, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, AODE_JOURNAL_DIRECTORY: 'off', ...env },
  });
  return result.status === 0
    ? ''
    : `exit ${result.status ?? result.signal}\n${result.stdout}${result.stderr}`;
}

function checkLibraries(node: string, folder: string, name: string): void {
  const esm = run(node, folder, ['esm.mjs']);
  check(`${name}: every entry imports`, esm === '', esm);
  const cjs = run(node, folder, ['cjs.cjs']);
  check(`${name}: every entry requires`, cjs === '', cjs);
}

interface RunningHub {
  readonly child: ChildProcess;
  readonly url: string;
  readonly endpoint: string;
}

/** `aode up --memory` on free ports, as soon as it says where it is. */
async function startHub(node: string, folder: string): Promise<RunningHub> {
  const args = ['node_modules/aode/bin/aode.js', 'up', '--memory', '--json'];
  const ports = ['--port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0'];
  const child = spawn(node, [...args, ...ports], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { board, otlpHttp } = JSON.parse(line) as { board: string; otlpHttp: string };
  return { child, url: board, endpoint: otlpHttp };
}

async function json(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}

/** The application's trace, with a client span, a server span and the line under it. */
async function checkTrace(hub: RunningHub, service: string): Promise<string> {
  const { traces } = (await json(`${hub.url}/aode/v1/traces?service=${service}`)) as {
    traces: { traceId: string }[];
  };
  const first = traces[0];
  if (first === undefined) return 'no trace arrived';
  const trace = await json(`${hub.url}/aode/v1/traces/${first.traceId}`);
  const spans = trace['spans'] as { kind: number; spanId: string }[];
  const logs = trace['logs'] as { spanId: string; body: string }[];
  const server = spans.find((s) => s.kind === 2);
  if (spans.length !== 2 || server === undefined)
    return `${spans.length} spans, expected a client and a server`;
  const line = logs.find((l) => l.body === 'asked');
  return line?.spanId === server.spanId ? '' : `the line is not under its span: ${JSON.stringify(logs)}`;
}

async function checkHub(node: string, folder: string, name: string): Promise<void> {
  const hub = await startHub(node, folder);
  try {
    for (const app of ['app.mjs', 'app.cjs']) {
      const service = `fresh-${app.slice(-3)}`;
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: hub.endpoint, OTEL_SERVICE_NAME: service };
      const ran = run(node, folder, ['--import', '@aode/sdk/register', app], env);
      check(`${name}: ${app} runs under register`, ran === '', ran);
      const seen = await checkTrace(hub, service);
      check(`${name}: ${app} arrives as client, server and line`, seen === '', seen);
    }
    const page = await fetch(hub.url);
    check(`${name}: the board is served`, page.ok && (await page.text()).includes('<div id="app">'));
  } finally {
    const gone = once(hub.child, 'exit');
    hub.child.kill('SIGINT');
    const [code] = (await gone) as [number | null];
    check(`${name}: SIGINT ends the hub cleanly`, code === 0, `exit ${code}`);
  }
}

/** An old Node must say one line, not a syntax error. Whatever `node` the machine brought along will do. */
function checkOldNode(folder: string): void {
  const path = (process.env['PATH'] ?? '').split(':').filter((p) => !p.includes('node_modules'));
  const old = path.map((p) => join(p, 'node')).find((p) => existsSync(p) && /^v(1\d|20)\./.test(version(p)));
  if (old === undefined) {
    process.stdout.write('not run: the line for a Node that is too old, because there is none on PATH\n');
    return;
  }
  const result = spawnSync(old, ['node_modules/aode/bin/aode.js', 'up'], { cwd: folder, encoding: 'utf8' });
  const lines = result.stderr.trim().split('\n');
  const ok = result.status === 2 && lines.length === 1 && lines[0]?.includes('22.15') === true;
  check(`Node ${version(old)}: one clear line`, ok, `exit ${result.status}\n${result.stderr}`);
}

const version = (node: string): string => execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

function checkPackaging(tarballs: ReadonlyMap<string, string>): void {
  for (const [name, path] of tarballs) {
    const lint = spawnSync('publint', ['run', path, '--strict'], { encoding: 'utf8' });
    check(`${name}: publint`, lint.status === 0, lint.stdout + lint.stderr);
    if (name === 'aode') continue; // A program, no types to resolve.
    const types = spawnSync('attw', [path, '--profile', 'esm-only'], { encoding: 'utf8' });
    check(`${name}: types resolve`, types.status === 0, types.stdout + types.stderr);
  }
}

try {
  const tarballs = packAll(join(work, 'pack'));
  checkPackaging(tarballs);
  const folders = API_VERSIONS.map((api, i) => install(tarballs, api, i === 0 ? BUNDLERS : []));
  const [bundled] = folders;
  if (bundled !== undefined) writeBundles(process.execPath, bundled);
  for (const wanted of NODES) {
    const node = nodeOf(wanted);
    for (const [i, folder] of folders.entries()) {
      const name = `Node ${wanted}, API ${API_VERSIONS[i]}`;
      checkLibraries(node, folder, name);
      await checkHub(node, folder, name);
      if (folder === bundled) checkApplications(node, folder, { name, check });
    }
  }
  const [folder] = folders;
  if (folder !== undefined) checkOldNode(folder);
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
