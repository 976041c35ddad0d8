import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintFor } from './paint.ts';
import { recordingShell } from './recording-shell.ts';

const coloured = (env: Record<string, string>, terminal: boolean, allowed = true): boolean =>
  paintFor(recordingShell({ env, outIsTerminal: terminal }), allowed).error('x') !== 'x';

test('colours on a terminal, unless somebody does not want them', () => {
  assert.equal(coloured({}, true), true);
  assert.equal(coloured({}, false), false);
  assert.equal(coloured({}, true, false), false);
  assert.equal(coloured({ NO_COLOR: '1' }, true), false);
  assert.equal(coloured({ NO_COLOR: '' }, true), true);
  assert.equal(coloured({ TERM: 'dumb' }, true), false);
  assert.equal(coloured({ FORCE_COLOR: '1' }, false), true);
  assert.equal(coloured({ FORCE_COLOR: '0' }, false), false);
  assert.equal(coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }, false), false);
});
