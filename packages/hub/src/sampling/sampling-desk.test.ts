import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isAodeError } from '@aode/base';
import fc from 'fast-check';
import { openSamplingDesk } from './sampling-desk.ts';

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'aode-sampling-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const PAY = { name: 'pay', route: '/pay' };

test('a service has what is named for it, and else what is named for all; a restart keeps it', (t) => {
  const directory = temporary(t);
  const desk = openSamplingDesk(directory);
  assert.deepEqual([desk.document, desk.of('a')], [{}, {}]);
  let changes = 0;
  desk.onChange = () => (changes += 1);
  const services = { a: { probability: 0.5 }, b: {}, __proto__x: { tracesPerSecondMin: 1 } };
  const wanted = { default: { probability: 0.25, keep: [PAY] }, services };
  const { b: _, ...kept } = services;
  assert.deepEqual(desk.put(wanted), { ...wanted, services: kept });
  for (const one of [desk, openSamplingDesk(directory)]) {
    assert.deepEqual(one.of('a'), { probability: 0.5, keep: [PAY] });
    assert.deepEqual(one.of('b'), { probability: 0.25, keep: [PAY] });
    assert.deepEqual(one.of('constructor'), one.of('b'));
  }
  assert.deepEqual(desk.put({}), {});
  assert.deepEqual(openSamplingDesk(directory).document, {});
  assert.equal(changes, 2);
  assert.deepEqual(readdirSync(directory), ['sampling.json']);
});

test('what cannot be is refused with its place, and changes nothing', () => {
  const desk = openSamplingDesk(undefined);
  const good = { default: { probability: 0.5 } };
  desk.put(good);
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'sampling'],
    [[], 'sampling'],
    ['x', 'sampling'],
    [{ probability: 0.5 }, 'probability'],
    [{ default: 1 }, 'default'],
    [{ default: { probability: 2 } }, 'default.probability'],
    [{ services: [] }, 'services'],
    [{ services: { a: { rate: 1 } } }, 'services.a.rate'],
    [{ ...good, services: { a: { keep: [{ name: 'x' }] } } }, 'services.a.keep'],
  ];
  for (const [value, option] of cases) {
    assert.throws(
      () => desk.put(value),
      (error) =>
        isAodeError(error) && error.code === 'AODE_OPTION_INVALID' && error.detail['option'] === option,
      option,
    );
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        desk.put(value);
        desk.put(good);
      } catch (error) {
        assert.ok(isAodeError(error) && error.code === 'AODE_OPTION_INVALID');
      }
    }),
  );
  assert.deepEqual(desk.document, good);
});

test('what cannot be kept is not taken, and a file that is none stops the hub', (t) => {
  const directory = temporary(t);
  const gone = openSamplingDesk(join(directory, 'gone'));
  assert.throws(() => gone.put({ default: { probability: 1 } }), { code: 'AODE_DATA_UNWRITABLE' });
  assert.deepEqual(gone.document, {});
  for (const text of ['{', '{"default":{"probability":7}}']) {
    writeFileSync(join(directory, 'sampling.json'), text);
    assert.throws(() => openSamplingDesk(directory), { code: 'AODE_DATA_DAMAGED' }, text);
  }
});
