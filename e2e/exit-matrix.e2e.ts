/**
 * Every way to end in both module systems, as real processes: what was promised has arrived, and the program ends as it
 * does without the SDK (docs/guide/exit.md).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { type Span, SPAN_KIND, STATUS_CODE } from '@aode/wire';
import { type Ended, folder, launch } from '../packages/sdk/src/testing/application.ts';
import { BESIDE, DELIVERED, type Ending, programOf } from '../packages/sdk/src/testing/endings.ts';

const SYSTEMS = ['cjs', 'mjs'] as const;

type System = (typeof SYSTEMS)[number];

interface Way {
  readonly ending: Ending;
  readonly system: System;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** The program with the SDK in front, or without it. */
async function end({ ending, system, env = {}, nodeArgs = [] }: Way, endpoint?: string): Promise<Ended> {
  const name = `app.${system}`;
  using app = folder({ 'package.json': '{"name":"app"}', [name]: programOf(ending, system) });
  const running = launch({
    cwd: app.path,
    args: [...nodeArgs, name],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint ?? '', AODE_EXIT_TIMEOUT: '20000', ...env },
    register: endpoint !== undefined,
  });
  if (ending.signal !== undefined) {
    await running.line(/ready/);
    running.process.kill(ending.signal);
  }
  const ended = await running.endWithin(20_000);
  // Two runs have folders of different names, and `--import` changes by which functions Node.js comes to the script.
  const plain = (text: string): string => text.replaceAll(app.path, '/app').replaceAll(/^ +at .*\n/gm, '');
  return { ...ended, stdout: plain(ended.stdout), stderr: plain(ended.stderr) };
}

function assertArrived({ spans }: Pick<Receiver, 'spans'>, names: readonly string[]): void {
  assert.deepEqual(spans.map(({ name }) => name).sort(), names.toSorted());
  for (const span of spans) {
    if (span.name === 'open') assert.equal(attributesOf(span)['aode.span.incomplete'], 'exit');
  }
}

for (const system of SYSTEMS) {
  describe(
    `what ends in ${system} delivers everything, and ends as without the SDK`,
    { concurrency: 2 },
    () => {
      for (const ending of [...DELIVERED, ...BESIDE]) {
        test(ending.name, async () => {
          await using receiver = await openReceiver();
          const wanted = await end({ ending, system });
          const ended = await end({ ending, system }, receiver.endpoint);
          assert.deepEqual(ended, wanted);
          assertArrived(receiver, ending.spans);
        });
      }
    },
  );
}

describe('without a worker', { concurrency: 2 }, () => {
  for (const ending of [...DELIVERED, ...BESIDE]) {
    if (ending.needsWorker === true) continue;
    test(ending.name, async () => {
      await using receiver = await openReceiver();
      const wanted = await end({ ending, system: 'cjs' });
      const ended = await end({ ending, system: 'cjs', env: { AODE_AGENT: 'inline' } }, receiver.endpoint);
      assert.deepEqual(ended, wanted);
      assertArrived({ spans: once(receiver) }, ending.spans);
    });
  }
});

/**
 * What was under way when the thread stopped turning is sent again, byte for byte, because nobody has heard whether it
 * came; a hub takes it once.
 */
function once({ spans }: Receiver): Span[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()];
}

test('the request that nobody could save: its server span has the error, and is marked', async () => {
  await using receiver = await openReceiver();
  const ending = DELIVERED.find(({ name }) => name === 'a throw in an http handler');
  assert.ok(ending !== undefined);
  await end({ ending, system: 'cjs' }, receiver.endpoint);
  const server = receiver.spans.find(({ kind }) => kind === SPAN_KIND.server);
  assert.ok(server !== undefined);
  assert.equal(server.status.code, STATUS_CODE.error);
  assert.equal(server.status.message, 'mine');
  assert.deepEqual(
    server.events.map(({ name }) => name),
    ['exception'],
  );
  assert.equal(attributesOf(server)['aode.span.incomplete'], 'exit');
});
