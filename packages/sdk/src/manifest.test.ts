import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { nearestManifest } from './manifest.ts';
import { folder } from './testing/application.ts';

test('the nearest package.json with a name, seen from the script', () => {
  using app = folder({
    'package.json':
      '{"name":"outer","version":"1.2.3","aode":{"logs":false},"dependencies":{"a":"1"},"devDependencies":{"b":"1"}}',
    'inner/package.json': '{"name":"inner"}',
    'inner/dist/package.json': '{"type":"module"}',
    'broken/package.json': 'no json',
    'array/package.json': '[]',
    'odd/package.json': '{"name":"odd","version":1,"aode":"x"}',
  });
  const nameFor = (script: string): string | undefined => nearestManifest(script, app.path).name;
  assert.equal(nameFor('app.js'), 'outer');
  assert.equal(nameFor('inner/dist/app.js'), 'inner', 'one without a name is passed over');
  assert.equal(nameFor('broken/app.js'), 'outer');
  assert.equal(nameFor('array/app.js'), 'outer');
  assert.equal(nameFor(join(app.path, 'inner/app.js')), 'inner', 'absolute path');
  assert.deepEqual(nearestManifest('app.js', app.path), {
    name: 'outer',
    version: '1.2.3',
    dependencies: ['a', 'b'],
    directory: app.path,
    aode: { logs: false },
  });
  assert.deepEqual(nearestManifest('odd/app.js', app.path), {
    name: 'odd',
    version: undefined,
    dependencies: [],
    directory: join(app.path, 'odd'),
    aode: {},
  });
  assert.equal(nearestManifest(undefined, join(app.path, 'inner')).name, 'inner', 'without a script');
});

test('none at all', () => {
  assert.deepEqual(nearestManifest('/app.js', '/'), {
    name: undefined,
    version: undefined,
    dependencies: [],
    directory: undefined,
    aode: {},
  });
});
