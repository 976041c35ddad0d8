import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentLink, newLinkMemory } from './agent-link.ts';

const now = (): number => performance.now();

describe('requests side by side', () => {
  test('the agent has as long as the most patient of them', () => {
    const link = new AgentLink(newLinkMemory().words);
    link.askFlush(60_000, false);
    link.askFlush(100, false);
    assert.ok((link.askedFlush()?.deadlineMs ?? 0) > 50_000);
    link.answerFlush(2, 'delivered');
    link.askFlush(100, false);
    assert.ok((link.askedFlush()?.deadlineMs ?? Infinity) <= 100, 'those before it are answered');
  });

  test('behind the last nobody waits any more', () => {
    const link = new AgentLink(newLinkMemory().words);
    link.askFlush(60_000, false);
    link.askFlush(100, true);
    const asked = link.askedFlush();
    assert.ok(asked?.isLast === true && asked.deadlineMs <= 100);
  });

  test('an answer that comes late takes nothing back', async () => {
    const link = new AgentLink(newLinkMemory().words);
    const first = link.askFlush(1000, false);
    const second = link.askFlush(1000, false);
    link.answerFlush(second, 'delivered');
    link.answerFlush(first, 'lost');
    assert.equal(await link.awaitFlush(second, 0, now), true);
    assert.equal(link.askedFlush(), undefined);
  });

  test('deadlines of any size', () => {
    for (const ms of [Infinity, 1e12, -1, 0]) {
      const link = new AgentLink(newLinkMemory().words);
      link.askFlush(ms, false);
      const { deadlineMs = -1 } = link.askedFlush() ?? {};
      assert.ok(ms > 0 ? deadlineMs > 1e8 : deadlineMs === 0, `${ms}: ${deadlineMs}`);
    }
  });
});

test('an agent that leaves is waited for by nobody, also by who waits for storage', async () => {
  const link = new AgentLink(newLinkMemory().words);
  const waiting = link.awaitSafe(link.askFlush(60_000, false), 60_000, now);
  link.leave();
  assert.equal(await waiting, false);
});
