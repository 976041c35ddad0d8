/**
 * kill -9 of the hub in the middle of ingest, again and again, with clients that retry: every answered request is there
 * in the end, none is there twice. AODE_KILL_ROUNDS sets how often (default 15).
 */
import { type Random, newSpanId, newTraceId, seededRandom, systemRandom } from '@aode/base';
import { encodeTraces, SPAN_KIND, type Span } from '@aode/wire';
import type { StatusResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts, getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const ROUNDS = Number(process.env['AODE_KILL_ROUNDS'] ?? 15);
const CLIENTS = 4;
const SPANS_PER_REQUEST = 20;

function newRequest(random: Random): { traceId: string; body: Uint8Array<ArrayBuffer> } {
  const traceId = newTraceId(random);
  const root = newSpanId(random);
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = (i: number): Span => ({
    traceId,
    spanId: i === 0 ? root : newSpanId(random),
    parentSpanId: i === 0 ? '' : root,
    traceState: '',
    flags: 0,
    name: `step ${i}`,
    kind: SPAN_KIND.internal,
    startTimeUnixNano: now,
    endTimeUnixNano: now + 1_000_000n,
    attributes: [{ key: 'step', value: BigInt(i) }],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: '' },
  });
  const resource = {
    attributes: [{ key: 'service.name', value: 'patient' }],
    droppedAttributesCount: 0,
    entityRefs: [],
  };
  const scope = { name: 'kill', version: '', attributes: [], droppedAttributesCount: 0 };
  const spans = Array.from({ length: SPANS_PER_REQUEST }, (_, i) => span(i));
  const encoded = encodeTraces([{ resource, schemaUrl: '', scopeSpans: [{ scope, schemaUrl: '', spans }] }]);
  return { traceId, body: new Uint8Array(encoded) };
}

/** Sends the same bytes until they are answered with 200; any other end of an attempt is a reason to try again. */
async function deliver(url: string, body: Uint8Array<ArrayBuffer>): Promise<number> {
  for (let attempts = 1; ; attempts += 1) {
    const status = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-protobuf' },
    })
      .then(async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      })
      .catch(() => 0);
    if (status === 200) return attempts;
    assert.ok(status === 0 || status === 503 || status === 429, `unexpected status ${status}`);
    await pause(5);
  }
}

test(`kill -9, ${ROUNDS} times: what was answered is there, once`, { timeout: 30 * 60_000 }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'aode-kill-'));
  const ports = await freePorts();
  let hub: HubProcess = await startHubProcess(data, ports);
  t.after(async () => {
    await hub.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const answered: string[] = [];
  let retried = 0;
  let sending = true;
  const seed = systemRandom.next();
  t.diagnostic(`seed ${seed}`);
  const clients = Array.from({ length: CLIENTS }, async (_, i) => {
    const random = seededRandom(seed + i);
    while (sending) {
      const { traceId, body } = newRequest(random);
      if ((await deliver(`${hub.http}/v1/traces`, body)) > 1) retried += 1;
      answered.push(traceId);
    }
  });

  const chance = seededRandom(seed ^ 0x5eed);
  for (let round = 0; round < ROUNDS; round += 1) {
    // The moment of the kill is the point of this test, so it is drawn, not waited for.
    await pause(50 + chance.below(400));
    const gone = once(hub.child, 'exit');
    hub.child.kill('SIGKILL');
    await gone;
    hub = await startHubProcess(data, ports);
  }
  sending = false;
  await Promise.all(clients);
  t.diagnostic(`${answered.length} requests answered, ${retried} of them after a retry`);
  assert.ok(retried > 0, 'no kill hit a request in flight: the test proved nothing');

  const { stored } = await getJson<StatusResponse>(`${hub.board}/aode/v1/status`);
  assert.equal(stored.spans, answered.length * SPANS_PER_REQUEST, 'spans stored');
  for (const traceId of answered) {
    const { data: traces } = await getJson<{ data: { spans: { spanID: string }[] }[] }>(
      `${hub.board}/api/traces/${traceId}`,
    );
    const ids = traces[0]?.spans.map((s) => s.spanID) ?? [];
    assert.equal(ids.length, SPANS_PER_REQUEST, `spans of ${traceId}`);
    assert.equal(new Set(ids).size, SPANS_PER_REQUEST, `distinct spans of ${traceId}`);
  }
});
