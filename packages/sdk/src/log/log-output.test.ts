import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** What a program that writes one line prints, as lines of its two outputs. */
function printed(mode: string): { readonly out: string[]; readonly err: string[] } {
  const script = `
    const { log } = await import(${JSON.stringify(new URL('aode-log.ts', import.meta.url).href)});
    log.info({ n: 1 }, 'a line');
    log.debug('below the level');
  `;
  const args = ['--conditions=@aode/source', '--input-type=module', '-e', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, AODE_LOG_OUTPUT: mode },
  });
  assert.equal(status, 0, stderr);
  const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);
  return { out: linesOf(stdout), err: linesOf(stderr) };
}

test('AODE_LOG_OUTPUT: JSON in a pipe unless it says otherwise', () => {
  for (const mode of ['', 'auto', 'json']) {
    const { out, err } = printed(mode);
    assert.deepEqual([out.length, err], [1, []]);
    const { level, n, msg } = JSON.parse(out[0] ?? '') as Record<string, unknown>;
    assert.deepEqual({ level, n, msg }, { level: 'info', n: 1, msg: 'a line' });
  }
  assert.match(printed('pretty').out[0] ?? '', /INFO.*a line/i);
  assert.deepEqual(printed('off'), { out: [], err: [] });
});

test('a value that is none is said, and the line is printed', () => {
  const { out, err } = printed('zz');
  assert.equal(out.length, 1);
  assert.equal(err.length, 1);
  assert.match(
    err[0] ?? '',
    /^aode: AODE_OPTION_INVALID: .*AODE_LOG_OUTPUT.*zz.*it can be auto, json, pretty, off/,
  );
});
