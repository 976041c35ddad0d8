import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { createLosses, type Losses } from '../losses.ts';
import { createPropagator } from './propagator.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-03`;

type Headers = Record<string, string | string[]>;

function extract(headers: Headers, losses: Losses = createLosses()): Context {
  const both = createPropagator(['tracecontext', 'baggage'], { losses, baggageAllow: [] });
  return both.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
}

function inject(context: Context, losses: Losses = createLosses()): Headers {
  const headers: Headers = {};
  const both = createPropagator(['tracecontext', 'baggage'], { losses, baggageAllow: [] });
  both.inject(context, headers, defaultTextMapSetter);
  return headers;
}

describe('W3C trace context', () => {
  test('in and out again: ids, flags, state, and where it came from', () => {
    const context = extract({ traceparent: ` ${PARENT}`, tracestate: ['a=1', 'b=2'] });
    const parent = trace.getSpanContext(context);
    assert.equal(parent?.traceId, TRACE);
    assert.equal(parent?.spanId, SPAN);
    assert.equal(parent?.traceFlags, 3);
    assert.equal(parent?.isRemote, true);
    assert.deepEqual(inject(context), { traceparent: PARENT, tracestate: 'a=1,b=2' });
  });

  test('a future version is read, and passed on as 00', () => {
    assert.equal(
      inject(extract({ traceparent: `cc-${TRACE}-${SPAN}-01-more` }))['traceparent'],
      `00-${TRACE}-${SPAN}-01`,
    );
  });

  test('invalid, or more than one: none, its state neither, and counted', () => {
    for (const traceparent of [['bad'], [PARENT.toUpperCase()], [PARENT, PARENT]]) {
      const losses = createLosses();
      const context = extract({ traceparent, tracestate: 'a=1' }, losses);
      assert.equal(trace.getSpanContext(context), undefined);
      assert.deepEqual(losses.counts(), { propagation_invalid: 1 }, String(traceparent));
    }
  });

  test('a bad tracestate is dropped and counted, traceparent stands', () => {
    const losses = createLosses();
    const parent = trace.getSpanContext(extract({ traceparent: PARENT, tracestate: 'a=1,a=2' }, losses));
    assert.equal(parent?.traceId, TRACE);
    assert.equal(parent?.traceState, undefined);
    assert.deepEqual(losses.counts(), { propagation_invalid: 1 });
  });

  test('nothing there: nothing in, nothing out, nothing counted', () => {
    const losses = createLosses();
    assert.deepEqual(inject(extract({}, losses)), {});
    assert.deepEqual(losses.counts(), {});
  });
});
