/** What a service finds around it: Node.js, the SDK and the API in its tree, the hub and its clock, the disk. */
import { unixMs } from '@aode/base';
import { existsSync, readdirSync, readFileSync, realpathSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { baseUrl, HUB_DEFAULT, reasonOf } from '../hub-client.ts';
import type { Shell } from '../shell.ts';
import type { Check, Severity } from './diagnosis.ts';

/** As the SDK has it. */
const NODE_OLDEST = [22, 15] as const;
/** Beyond it, spans of one service visibly begin before their callers on the board. */
const CLOCK_MS_MAX = 2000;
/** Less is soon full. */
const DISK_BYTES_MIN = 500e6;
const HUB_MS_MAX = 3000;
/** Levels of node_modules inside packages that are looked through; deeper copies are rare and the walk is not free. */
const NESTED_MAX = 3;

/** `hub` as given by `--hub`. A hub that nobody has named may be missing. */
export async function checkEnvironment(hub: string | undefined, shell: Shell): Promise<readonly Check[]> {
  return [
    checkNode(process.versions.node),
    ...checkPackages(process.cwd()),
    ...(await checkHub(hub, shell)),
    checkDisk(),
  ];
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < NODE_OLDEST[0] || (major === NODE_OLDEST[0] && minor < NODE_OLDEST[1]);
  if (!isOld) return check('node', 'good', `Node.js ${version}`);
  return check('node', 'problem', `Node.js ${version}: the SDK needs ${NODE_OLDEST.join('.')} or newer`);
}

/** Copies of the SDK and of the API that code in `folder` could load. */
export function checkPackages(folder: string): readonly Check[] {
  const apis = copiesOf('@opentelemetry/api', folder);
  const sdks = copiesOf('@aode/sdk', folder);
  const places = (copies: readonly Copy[]): string =>
    copies.map(({ version, path }) => `${version} in ${path}`).join(', ');
  const majors = new Set(apis.map(({ version }) => version.split('.')[0]));
  return [
    sdks.length > 1
      ? check('sdk', 'note', `@aode/sdk is installed ${sdks.length} times: ${places(sdks)}`)
      : check(
          'sdk',
          'good',
          sdks.length === 0
            ? '@aode/sdk: not installed here, that of aode is used'
            : `@aode/sdk ${places(sdks)}`,
        ),
    majors.size > 1
      ? check(
          'api',
          'problem',
          `@opentelemetry/api of several major versions, which do not see each other: ${places(apis)}`,
        )
      : apis.length > 1
        ? check('api', 'note', `@opentelemetry/api is installed ${apis.length} times: ${places(apis)}`)
        : check(
            'api',
            'good',
            apis.length === 0
              ? '@opentelemetry/api: not installed here'
              : `@opentelemetry/api ${places(apis)}`,
          ),
  ];
}

interface Copy {
  readonly version: string;
  readonly path: string;
}

function copiesOf(name: string, folder: string): readonly Copy[] {
  const found = new Map<string, Copy>();
  for (let at = folder; ; at = dirname(at)) {
    look(join(at, 'node_modules'), name, 0, found);
    if (at === dirname(at)) return [...found.values()];
  }
}

function look(modules: string, name: string, depth: number, found: Map<string, Copy>): void {
  const path = join(modules, name);
  const version = versionIn(path);
  if (version !== undefined) found.set(realpathSync(path), { version, path });
  if (depth >= NESTED_MAX) return;
  for (const inner of packagesIn(modules)) {
    const nested = join(inner, 'node_modules');
    if (existsSync(nested)) look(nested, name, depth + 1, found);
  }
}

function packagesIn(modules: string): string[] {
  const list = (folder: string): string[] => {
    try {
      // Links lead to other places of a workspace, which are looked at from there.
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name));
    } catch {
      return [];
    }
  };
  return list(modules).flatMap((path) => (path.startsWith(join(modules, '@')) ? list(path) : [path]));
}

function versionIn(path: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const has = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    return has && typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}

async function checkHub(given: string | undefined, shell: Shell): Promise<Check[]> {
  const named = given ?? shell.env['AODE_HUB'];
  const url = baseUrl('--hub', named ?? HUB_DEFAULT);
  const missing = named === undefined ? 'note' : 'problem';
  const startMs = unixMs(shell.clock.now());
  let answer: Response;
  try {
    const signal = AbortSignal.any([shell.interrupted, AbortSignal.timeout(HUB_MS_MAX)]);
    answer = await shell.fetch(`${url}/aode/v1/status`, { signal });
  } catch (error) {
    shell.interrupted.throwIfAborted();
    return [check('hub', missing, `no hub at ${url} (${reasonOf(error)}): what is recorded goes nowhere`)];
  }
  const endMs = unixMs(shell.clock.now());
  const text = await answer.text();
  if (!answer.ok || !/^\{.*"apiVersion"/s.test(text)) {
    return [
      check(
        'hub',
        missing,
        `${url} is no Aode hub (status ${answer.status}): no trace is kept because another service failed`,
      ),
    ];
  }
  return [check('hub', 'good', `hub at ${url}`), ...checkClock(answer.headers.get('date'), startMs, endMs)];
}

/** The header has whole seconds, so an offset of less than one is none. */
export function checkClock(date: string | null, startMs: number, endMs: number): Check[] {
  const atMs = date === null ? Number.NaN : Date.parse(date);
  if (!Number.isFinite(atMs)) return [];
  const offsetMs = Math.max(atMs - endMs, Math.min(0, atMs + 1000 - startMs));
  const away = `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead' : 'behind'}`;
  const text = `clock of the hub: ${offsetMs === 0 ? 'the same' : away}`;
  return [check('clock', Math.abs(offsetMs) > CLOCK_MS_MAX ? 'problem' : 'good', text)];
}

function checkDisk(): Check {
  const { bavail, bsize } = statfsSync(tmpdir());
  const free = bavail * bsize;
  const text = `${(free / 1e9).toFixed(1)} GB free in ${tmpdir()}`;
  return check('disk', free < DISK_BYTES_MIN ? 'note' : 'good', text);
}

function check(name: Check['name'], severity: Severity, text: string): Check {
  return { name, severity, text };
}
