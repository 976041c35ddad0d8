import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './main.ts';
import { recordingShell } from './recording-shell.ts';

/** A hub that keeps what it is given, and the calls of the command. */
function hubOf(document: unknown): {
  readonly run: (...args: string[]) => Promise<string>;
  readonly now: () => unknown;
} {
  let kept = document;
  const run = async (...args: string[]): Promise<string> => {
    const shell = recordingShell({
      fetch: async (_, request) => {
        if (request?.method === 'PUT') kept = JSON.parse(request.body as string) as unknown;
        return Response.json(kept);
      },
    });
    assert.equal(await runCommand(['sampling', ...args], shell), 0, shell.written.err);
    return shell.written.out;
  };
  return { run, now: () => kept };
}

test('settings are put to what is there, for all or for one service, and taken back', async () => {
  const hub = hubOf({});
  assert.equal(await hub.run(), 'The hub sets nothing: services sample as they were started.\n');
  await hub.run('--probability', '0.5', '--keep', 'route=/pay/*');
  await hub.run('--service', 'pay', '--traces-per-second-min', '3');
  await hub.run('--service', 'shop', '--keep', '[]');
  assert.deepEqual(hub.now(), {
    default: { probability: 0.5, keep: [{ name: 'route=/pay/*', route: '/pay/*' }] },
    services: { pay: { tracesPerSecondMin: 3 }, shop: { keep: [] } },
  });
  assert.equal(
    await hub.run(),
    'all services  probability 0.5 · keeps route=/pay/*\n' +
      'pay           at least 3 traces a second\n' +
      'shop          keeps by no rule\n',
  );
  await hub.run('--probability', 'none');
  await hub.run('--service', 'shop', '--clear', '--probability', '1');
  assert.deepEqual(hub.now(), {
    default: { keep: [{ name: 'route=/pay/*', route: '/pay/*' }] },
    services: { pay: { tracesPerSecondMin: 3 }, shop: { probability: 1 } },
  });
  assert.equal(await hub.run('--clear', '--json'), '{"default":{}}\n');
});

test('what cannot be is wrong use', async () => {
  for (const [flag, value] of [
    ['--probability', 'half'],
    ['--traces-per-second-min', ''],
    ['--keep', 'colour=red'],
  ] as const) {
    const shell = recordingShell();
    assert.equal(await runCommand(['sampling', flag, value], shell), 2);
    assert.match(shell.written.err, /^AODE_CLI_USAGE: /);
  }
});
