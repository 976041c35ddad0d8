/**
 * Properties of the code that no compiler and no linter knows: floors, names, sizes, bans with their replacement,
 * error codes against their page, dead files. One pass over what git tracks; the whole repository takes under a second.
 * (After TigerBeetle's src/tidy.zig.) What needs a syntax tree belongs to the linter.
 *
 *   node tools/tidy.ts        prints `path:line: what` and exits 1 when there is anything to say
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A package imports strictly lower floors. Folders at the top stand above all of them. */
const FLOOR: Readonly<Record<string, number>> = {
  base: 0,
  wire: 1,
  journal: 2,
  sdk: 3,
  hub: 4,
  board: 5,
  cli: 6,
};

/** What the board may import of Aode: the shapes of the hub's answers and nothing that runs. */
const BOARD_MAY = /^@aode\/wire\/hub-api$/;

const LINES_MAX = 400;
const COLUMNS_MAX = 120;
const NAMES_BANNED = /^(utils?|helpers?|common|misc|shared|types|constants)\.(ts|tsx)$/;
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.test|\.bench|\.sim|\.e2e)?\.(ts|tsx)$|^vite\.config\.ts$/;
const TEST = /\.(test|bench|sim|e2e)\.tsx?$/;

/** Code that runs at a user's: packages without their tests. The rest may sleep, print and read clocks. */
const SHIPPED = /^packages\/[^/]+\/src\//;

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly where: RegExp;
  readonly except?: RegExp;
}

const BANS: readonly Ban[] = [
  { pattern: /\bDate\.now\(|\bnew Date\(\)/, instead: 'a Clock', where: SHIPPED, except: /\/clock\.ts$/ },
  {
    pattern: /\bprocess\.hrtime|\bperformance\.now\(/,
    instead: 'a Clock',
    where: SHIPPED,
    except: /\/clock\.ts$/,
  },
  {
    pattern: /(?<![.\w])set(Timeout|Interval)\(/,
    instead: 'Clock.timer',
    where: SHIPPED,
    except: /\/clock\.ts$/,
  },
  { pattern: /\bMath\.random\(/, instead: 'a Random', where: SHIPPED, except: /\/random\.ts$/ },
  {
    pattern: /\bprocess\.env\b/,
    instead: 'env.ts of the outermost package',
    where: SHIPPED,
    except: /\/env\.ts$/,
  },
  {
    pattern: /\bconsole\.(log|warn|error|info)\(/,
    instead: 'Diag, or the output the function was given',
    where: SHIPPED,
  },
  {
    pattern: /^export default\b/m,
    instead: 'a named export',
    where: /./,
    except: /(^|\/)vite\.config\.ts$/,
  },
  { pattern: /^export \* /m, instead: 'an explicit list', where: /./ },
  { pattern: /\bas any\b|: any\b|<any>/, instead: 'unknown and a parser', where: /./ },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: 'types that are right', where: /./ },
  {
    pattern: /\b(FIXME|TODO|XXX|HACK)\b|\.only\(/,
    instead: 'nothing: finish it or say it in an issue',
    where: /./,
  },
  {
    pattern: /\bdangerouslySetInnerHTML\b|\.innerHTML\b/,
    instead: 'text nodes',
    where: /^packages\/board\//,
  },
];

/** `class X extends Y` for any Y but Error; interfaces may extend. */
const INHERITANCE = /\bclass\s+\w+\s+extends\s+(?!Error\b)(\w+)/;

const complaints: string[] = [];
function complain(path: string, line: number, what: string): void {
  complaints.push(`${path}:${line}: ${what}`);
}
const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));
const sources = tracked.filter((path) => /\.tsx?$/.test(path) && !path.startsWith('api/'));

/** Comments may name what code may not use. Line structure stays, so that line numbers hold. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (c) => c.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, (c, lead: string) => lead + ' '.repeat(c.length - lead.length));
}

function checkShape(path: string, text: string): void {
  const lines = text.split('\n');
  const name = basename(path);
  if (!NAME.test(name)) complain(path, 1, 'file name is not kebab-case');
  if (NAMES_BANNED.test(name)) complain(path, 1, 'name says nothing: call the file after the noun inside');
  if (lines.length > LINES_MAX + 1 && !TEST.test(path)) complain(path, LINES_MAX, `over ${LINES_MAX} lines`);
  lines.forEach((line, i) => {
    if (line.length > COLUMNS_MAX) complain(path, i + 1, `longer than ${COLUMNS_MAX} columns`);
  });
}

function checkBans(path: string, text: string): void {
  if (path === 'tools/tidy.ts') return;
  const code = withoutComments(text);
  for (const { pattern, instead, where, except } of BANS) {
    if (!where.test(path) || except?.test(path) === true || (where === SHIPPED && isTestCode(path))) continue;
    // What must not be written at all must not hide in a comment either.
    const hit = pattern.exec(where === SHIPPED ? code : text);
    if (hit) complain(path, lineAt(text, hit.index), `\`${hit[0].trim()}\` is banned, use ${instead}`);
  }
  const hit = INHERITANCE.exec(code);
  if (hit) complain(path, lineAt(text, hit.index), `inherits from ${hit[1]}: only Error may be extended`);
}

const isTestCode = (path: string): boolean => TEST.test(path) || /\/(fixtures|testing)\//.test(path);

// The last one is a thread or program of its own: the sibling of a module, with the same ending as that.
const IMPORT = /\bfrom '([^']+)'|\bimport\('([^']+)'\)|\bimport '([^']+)'|'([\w-]+)\.\$1'/g;
const imported = new Set<string>();

function checkImports(path: string, text: string): void {
  for (const m of text.matchAll(IMPORT)) {
    const sibling = m[4];
    const spec = sibling === undefined ? (m[1] ?? m[2] ?? m[3] ?? '') : `./${sibling}.ts`;
    const line = lineAt(text, m.index);
    if (spec.startsWith('.')) {
      if (!/\.(tsx?|css|json|js|mjs|cjs)$/.test(spec))
        complain(path, line, `import '${spec}' lacks its ending`);
      imported.add(join(dirname(path), spec));
    } else if (!isTestCode(path)) checkFloor(path, line, spec);
  }
}

function checkFloor(path: string, line: number, spec: string): void {
  const own = /^packages\/([^/]+)\//.exec(path)?.[1];
  const other = spec === 'aode' ? 'cli' : /^@aode\/([^/]+)/.exec(spec)?.[1];
  if (own === undefined || other === undefined) return;
  if (own === 'board' && !BOARD_MAY.test(spec)) complain(path, line, `the board may not import ${spec}`);
  const from = FLOOR[own];
  const to = FLOOR[other];
  if (from === undefined || to === undefined)
    complain(path, line, `package without a floor: ${own} -> ${other}`);
  else if (to >= from) complain(path, line, `floor ${from} (${own}) may not import floor ${to} (${other})`);
}

/** A file is alive when it is imported, is a test or bench, or is named by a manifest, a script or the tree above. */
function checkAlive(path: string): void {
  if (imported.has(path) || TEST.test(path) || !path.startsWith('packages/')) return;
  const root = path.split('/').slice(0, 2).join('/');
  const inside = path.slice(root.length + 1);
  const names = ['package.json', 'index.html', 'vite.config.ts'].map((f) => join(root, f)).filter(existsSync);
  if (inside === 'vite.config.ts' || names.some((f) => readFileSync(f, 'utf8').includes(inside))) return;
  complain(path, 1, 'dead file: nothing imports it');
}

/** Codes of the table against headings of the page, both ways; and each code is used somewhere. */
function checkErrorCodes(texts: ReadonlyMap<string, string>): void {
  const table = 'packages/base/src/errors.ts';
  const page = 'docs/reference/errors.md';
  const captures = (text: string, pattern: RegExp): Set<string> =>
    new Set(Array.from(text.matchAll(pattern), (m) => m[1] ?? ''));
  const codes = captures(texts.get(table) ?? '', /^ {2}(AODE_[A-Z0-9_]+):/gm);
  const documented = captures(existsSync(page) ? readFileSync(page, 'utf8') : '', /^## (AODE_[A-Z0-9_]+)$/gm);
  for (const code of codes) {
    if (!documented.has(code)) complain(page, 1, `${code} is not documented`);
    const used = [...texts].some(
      ([path, text]) => path !== table && !isTestCode(path) && text.includes(`'${code}'`),
    );
    if (!used) complain(table, 1, `${code} is used nowhere`);
  }
  for (const code of documented) if (!codes.has(code)) complain(page, 1, `${code} does not exist`);
}

/** Links of the documents that point into the repository must arrive. */
function checkLinks(path: string): void {
  const text = readFileSync(path, 'utf8');
  for (const m of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)) {
    const target = join(dirname(path), decodeURIComponent(m[1] ?? ''));
    if (!existsSync(target)) complain(path, lineAt(text, m.index), `link to ${m[1]} leads nowhere`);
  }
}

const texts = new Map(sources.map((path) => [path, readFileSync(path, 'utf8')]));
for (const [path, text] of texts) {
  checkShape(path, text);
  checkBans(path, text);
  checkImports(path, text);
}
for (const path of sources) checkAlive(path);
checkErrorCodes(texts);
for (const path of tracked.filter((p) => p.endsWith('.md'))) checkLinks(path);

if (complaints.length > 0) {
  process.stderr.write(`${complaints.join('\n')}\n${complaints.length} complaint(s)\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`tidy: ${sources.length} files, nothing to say\n`);
}
