import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import { AskClient } from './ask-client.ts';

test('lines are asks or sampling or keep the place; nonsense is none of them', async () => {
  let say: (line: string) => void = () => undefined;
  const heard: unknown[] = [];
  using client = new AskClient({
    instance: 'a',
    transport: {
      post: async () => 202,
      open: (_, onLine) => {
        say = onLine;
        return { [Symbol.dispose]: () => undefined };
      },
    },
    clock: manualClock(),
    random: seededRandom(1),
    wishes: {
      onAsked: (traceIds) => heard.push(['asked', traceIds]),
      onSampling: (settings) => heard.push(['sampling', settings]),
    },
    onDropped: () => assert.fail(),
  });
  client.start();
  const lines = [
    { cursor: 'e-0', hello: true },
    { cursor: 'e-0', sampling: { probability: 1 } },
    { cursor: 'e-1', traceId: 'one' },
    { cursor: 'e-2', traceId: 'two' },
    { cursor: 'e-2', sampling: {} },
  ];
  for (const line of [...lines.map((one) => JSON.stringify(one)), '{', 'null', '7', '']) say(line);
  await Promise.resolve();
  assert.deepEqual(heard, [
    ['sampling', { probability: 1 }],
    ['sampling', {}],
    ['asked', ['one', 'two']],
  ]);
});
