/** Packages patched on their way in, by either mechanism and each way of loading, in processes of their own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hooksWork } from './load-hook.ts';
import { folder, run } from './testing/application.ts';

const HOOK = new URL('load-hook.ts', import.meta.url).href;
/** On this one `registerHooks` is there and must not be used, on that one it may. */
const OLD = '22.15.0';
const NEW = '24.11.1';

/** The application is one folder down, where it has packages of its own. */
const FILES = {
  'app/package.json': '{}',
  'app/node_modules/thing/package.json': '{"name":"thing","main":"lib/main.js"}',
  'app/node_modules/thing/lib/main.js':
    'module.exports = () => "plain";\nmodule.exports.thing = module.exports;\n//# sourceMappingURL=main.js.map',
  'app/node_modules/thing/lib/other.js': 'module.exports = "other";',
  'app/node_modules/user/package.json': '{"name":"user","type":"module","exports":"./index.js"}',
  'app/node_modules/user/index.js': 'import thing from "thing"; export const fromUser = thing();',
  'app/node_modules/user/node_modules/thing/package.json': '{"name":"thing","main":"lib/main.js"}',
  'app/node_modules/user/node_modules/thing/lib/main.js': 'module.exports = () => "inner";',
  'app/by-require.cjs':
    'const thing = require("thing"); show(thing(), thing.thing(), require("thing/lib/other.js"));',
  'app/by-import.mjs': 'import thing, { thing as named } from "thing"; show(thing(), named());',
  'app/by-dynamic-import.cjs':
    'import("thing").then(({ default: thing, thing: named }) => show(thing(), named()));',
  'app/by-require-in-esm.mjs':
    'import { createRequire } from "node:module"; import "./plain.cjs";' +
    'show(createRequire(import.meta.url)("thing")());',
  'app/plain.cjs': 'require("node:path"); require("thing");',
  'app/by-another.mjs': 'import { fromUser } from "user"; show(fromUser);',
};

const before = (version: string, ending = ''): string => `
import { onPackageLoad } from '${HOOK}';
globalThis.show = (...all) => console.log(all.join(' '));
const wrap = (exports) => Object.assign(() => exports() + '!', { thing: () => exports.thing() + '!' });
const hook = onPackageLoad([{ name: 'thing', entry: 'lib/main.js', patch: wrap }], '${version}');
${ending}
`;

async function shown(version: string, script: string, ending?: string): Promise<string> {
  using app = folder({ ...FILES, 'app/before.mjs': before(version, ending) });
  const { stdout, stderr, code } = await run({
    cwd: `${app.path}/app`,
    args: ['--import', './before.mjs', script],
    register: false,
  });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return stdout.trim();
}

for (const version of [OLD, NEW]) {
  describe(
    `Node ${version}: ${hooksWork(version) ? 'registerHooks' : 'the compile step'}`,
    { concurrency: 2 },
    () => {
      const cases = [
        ['by-require.cjs', 'plain! plain! other'],
        ['by-import.mjs', 'plain! plain!'],
        ['by-dynamic-import.cjs', 'plain! plain!'],
        ['by-require-in-esm.mjs', 'plain!'],
        ['by-another.mjs', 'inner!'],
      ] as const;
      for (const [script, wanted] of cases) {
        test(script, async () => assert.equal(await shown(version, script), wanted));
      }

      test('disposed of: what is loaded later is as it was', async () => {
        const ending = 'hook[Symbol.dispose]();';
        assert.equal(await shown(version, 'by-require.cjs', ending), 'plain plain other');
      });
    },
  );
}

test('versions on which registerHooks can be trusted (nodejs/node#59929)', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['22.15.0', false],
    ['22.22.2', false],
    ['22.22.3', true],
    ['22.23.0', true],
    ['23.11.0', false],
    ['24.0.0', false],
    ['24.11.0', false],
    ['24.11.1', true],
    ['24.12.0', true],
    ['25.0.9', false],
    ['25.1.0', true],
    ['26.0.0', true],
    ['30.1.2-nightly', true],
  ];
  for (const [version, works] of cases) assert.equal(hooksWork(version), works, version);
});
