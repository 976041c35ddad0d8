import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearHub, tellThreads } from './asked-channel.ts';

test('threads hear of asks and of sampling, those that begin later of the sampling that holds', async (t) => {
  const agent = tellThreads();
  t.after(() => agent[Symbol.dispose]());
  const hear = (): { readonly asked: Promise<readonly string[]>; readonly sampling: Promise<unknown> } => {
    const asked = Promise.withResolvers<readonly string[]>();
    const sampling = Promise.withResolvers<unknown>();
    const ear = hearHub({ onAsked: asked.resolve, onSampling: sampling.resolve });
    t.after(() => ear[Symbol.dispose]());
    return { asked: asked.promise, sampling: sampling.promise };
  };
  const first = hear();
  agent.onAsked(['a', 'b']);
  agent.onSampling({ probability: 1 });
  assert.deepEqual([await first.asked, await first.sampling], [['a', 'b'], { probability: 1 }]);
  assert.deepEqual(await hear().sampling, { probability: 1 });
});
