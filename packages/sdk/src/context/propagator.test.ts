import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { parseXTraceId } from '@aode/wire';
import { createLosses, type Losses } from '../losses.ts';
import { createPropagator } from './propagator.ts';
import { requestOf } from './request-context.ts';
import { fromOutside, isOutside } from './trust-boundary.ts';

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

const LOW = BigInt(`0x${TRACE.slice(16)}`).toString();
const PARENT_DECIMAL = BigInt(`0x${SPAN}`).toString();
const XRAY = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`;
const ALL = ['tracecontext', 'b3', 'b3multi', 'jaeger', 'xray', 'datadog', 'x-trace-id', 'baggage'];

/** The same caller in each format. */
const SAME: Readonly<Record<string, Headers>> = {
  tracecontext: { traceparent: `00-${TRACE}-${SPAN}-01` },
  b3: { b3: `${TRACE}-${SPAN}-1` },
  b3multi: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' },
  jaeger: { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` },
  xray: { 'x-amzn-trace-id': `${XRAY};Parent=${SPAN};Sampled=1` },
  datadog: {
    'x-datadog-trace-id': LOW,
    'x-datadog-parent-id': PARENT_DECIMAL,
    'x-datadog-sampling-priority': '1',
    'x-datadog-tags': `_dd.p.tid=${TRACE.slice(0, 16)}`,
  },
};

interface Round {
  readonly names?: readonly string[];
  readonly losses?: Losses;
  /** Where it comes from, and where it goes. */
  readonly outside?: boolean;
}

const read = (
  headers: Headers,
  { names = ALL, losses = createLosses(), outside = false }: Round = {},
): Context =>
  createPropagator(names, { losses, baggageAllow: [] }).extract(
    outside ? fromOutside(ROOT_CONTEXT) : ROOT_CONTEXT,
    headers,
    defaultTextMapGetter,
  );

function write(context: Context, outside = false): Headers {
  const headers: Headers = {};
  const propagator = createPropagator([], { losses: createLosses(), baggageAllow: [] });
  propagator.inject(outside ? fromOutside(context) : context, headers, defaultTextMapSetter);
  return headers;
}

const arrivalOf = (context: Context) => requestOf(context)?.arrival;
const reasons = (context: Context): unknown => arrivalOf(context)?.links.map(({ attributes }) => attributes);

describe('each format', () => {
  for (const [name, headers] of Object.entries(SAME)) {
    test(`${name}: read as the parent, written as it came`, () => {
      const context = read(headers, { names: [name] });
      const { traceState: _, ...parent } = trace.getSpanContext(context) ?? {};
      assert.deepEqual(parent, { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
      assert.deepEqual(write(context), headers);
      assert.equal(arrivalOf(context), undefined);
    });

    test(`${name}: with others that say the same, no link, and every format is written`, () => {
      const everybody = Object.assign({}, ...Object.values(SAME)) as Headers;
      const context = read(everybody, { names: [name, ...ALL] });
      assert.equal(trace.getSpanContext(context)?.spanId, SPAN);
      assert.equal(arrivalOf(context), undefined);
      assert.deepEqual(write(context), everybody);
    });
  }

  test('the decision of the caller is kept, and what is left open is known to be', () => {
    const decision = (headers: Headers): unknown => {
      const context = read(headers);
      const isUndecided = requestOf(context)?.arrival?.isUndecided === true;
      return isUndecided ? 'open' : trace.getSpanContext(context)?.traceFlags;
    };
    assert.equal(decision({ b3: `${TRACE}-${SPAN}-0` }), 0);
    assert.equal(decision({ b3: `${TRACE}-${SPAN}-1` }), 1);
    assert.equal(decision({ b3: `${TRACE}-${SPAN}` }), 'open');
    assert.equal(decision({ 'uber-trace-id': `${TRACE}:${SPAN}:0:0` }), 0);
    assert.equal(decision({ 'x-amzn-trace-id': `${XRAY};Parent=${SPAN};Sampled=?` }), 'open');
    assert.equal(decision({ 'x-datadog-trace-id': '7', 'x-datadog-parent-id': '7' }), 'open');
    assert.equal(decision({ traceparent: `00-${TRACE}-${SPAN}-02` }), 2);
  });

  test('what only one format knows goes on in that format', () => {
    const headers = {
      ...SAME['tracecontext'],
      'x-amzn-trace-id': `${XRAY};Parent=${SPAN};Sampled=1;Lineage=a87bd80c:1`,
      ...SAME['datadog'],
      'x-datadog-sampling-priority': '2',
      'x-datadog-origin': 'rum',
      'x-datadog-tags': `_dd.p.tid=${TRACE.slice(0, 16)},_dd.p.dm=-4`,
    };
    const names = ['tracecontext', 'xray', 'datadog'];
    assert.deepEqual(write(read(headers, { names })), headers);
    assert.deepEqual(write(read({ b3: `${TRACE}-${SPAN}-d` }, { names: ['b3', 'jaeger'] })), {
      b3: `${TRACE}-${SPAN}-d`,
      'uber-trace-id': `${TRACE}:${SPAN}:0:3`,
    });
  });

  test('a priority that contradicts the flag gives way to it', () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-00`, ...SAME['datadog'], 'x-datadog-origin': 'rum' };
    const out = write(read(headers, { names: ['tracecontext', 'datadog'] }));
    assert.equal(out['x-datadog-sampling-priority'], '0');
    assert.equal(out['x-datadog-origin'], 'rum');
  });
});

describe('several callers', () => {
  const other = { b3: `${'c'.repeat(32)}-${'d'.repeat(16)}-1` };
  const link = { 'aode.link.reason': 'conflicting_headers' };

  test('the first in the order of the option is the parent, the other a link that says why', () => {
    for (const [names, winner, loser, propagator] of [
      [['tracecontext', 'b3'], TRACE, 'c'.repeat(32), 'b3'],
      [['b3', 'tracecontext'], 'c'.repeat(32), TRACE, 'tracecontext'],
    ] as const) {
      const context = read({ ...SAME['tracecontext'], ...other }, { names });
      assert.equal(trace.getSpanContext(context)?.traceId, winner);
      assert.equal(arrivalOf(context)?.links[0]?.context.traceId, loser);
      assert.deepEqual(reasons(context), [{ ...link, 'aode.link.propagator': propagator }]);
    }
  });

  test('one trace and two spans is a disagreement too; an id of 64 bits is none', () => {
    const context = read({ ...SAME['tracecontext'], b3: `${TRACE}-${'d'.repeat(16)}-1` });
    assert.equal(arrivalOf(context)?.links.length, 1);
    const half = read({ ...SAME['tracecontext'], b3: `${TRACE.slice(16)}-${SPAN}-1` });
    assert.equal(arrivalOf(half), undefined);
  });

  test('a load balancer that names a trace of its own: said by an attribute, for it names no span', () => {
    const root = `${'5'.repeat(8)}${'6'.repeat(24)}`;
    const headers = {
      ...SAME['tracecontext'],
      'x-amzn-trace-id': `Root=1-${'5'.repeat(8)}-${'6'.repeat(24)}`,
    };
    assert.deepEqual(reasons(read(headers)), [
      { ...link, 'aode.link.propagator': 'xray', 'aode.link.trace_id': root },
    ]);
  });

  test('an invalid header is counted and passed over for the next', () => {
    const losses = createLosses();
    const context = read({ traceparent: 'bad', ...SAME['b3'], 'uber-trace-id': 'zz:yy:0:1' }, { losses });
    assert.equal(trace.getSpanContext(context)?.traceId, TRACE);
    assert.equal(arrivalOf(context), undefined);
    assert.deepEqual(losses.counts(), { propagation_invalid: 2 });
  });
});

describe('a trace without a parent span', () => {
  test('Root alone names the trace of the first span here', () => {
    const { seed } = arrivalOf(read({ 'x-amzn-trace-id': `${XRAY};Sampled=0` })) ?? {};
    assert.deepEqual(seed, { traceId: TRACE, sampled: false, traceState: undefined });
  });

  test('a decision alone begins a new trace with it, and yields to a trace', () => {
    const { seed } = arrivalOf(read({ b3: '0' })) ?? {};
    assert.deepEqual(seed, { traceId: undefined, sampled: false, traceState: undefined });
    const both = read({ b3: '0', ...SAME['jaeger'] });
    assert.equal(trace.getSpanContext(both)?.traceFlags, 1);
    assert.equal(arrivalOf(both), undefined);
  });

  test('X-Trace-ID: mapped, with a randomness that everybody derives alike', () => {
    const context = read({ 'x-trace-id': 'order-7' });
    const { traceId, traceState } = arrivalOf(context)?.seed ?? {};
    assert.equal(traceId, parseXTraceId('order-7'));
    assert.match(traceState?.serialize() ?? '', /^ot=rv:[0-9a-f]{14}$/);
    assert.equal(requestOf(context)?.correlationId, 'order-7');
    const again = arrivalOf(read({ 'x-trace-id': 'order-7' }))?.seed?.traceState;
    assert.equal(again?.serialize(), traceState?.serialize());
  });

  test('X-Trace-ID beside a tracing header, valid or not, is just the correlation id', () => {
    for (const traceparent of [PARENT, 'bad']) {
      const context = read({ traceparent, 'x-trace-id': 'order-7' });
      assert.equal(arrivalOf(context), undefined, traceparent);
      assert.equal(requestOf(context)?.correlationId, 'order-7');
    }
  });

  test('X-Trace-ID that is refused is counted and nowhere kept', () => {
    for (const text of ['two words', '\u00fc', '0'.repeat(32), 'x'.repeat(129), ['a', 'b']]) {
      const losses = createLosses();
      const context = read({ 'x-trace-id': text }, { losses });
      assert.equal(arrivalOf(context), undefined);
      assert.equal(requestOf(context)?.correlationId, undefined);
      assert.deepEqual(losses.counts(), { correlation_id_invalid: 1 }, String(text));
    }
  });

  test('X-Trace-ID goes on verbatim; by itself it carries the trace id', () => {
    const names = ['x-trace-id'];
    const inTrace = trace.setSpanContext(read({}, { names }), {
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
    });
    assert.deepEqual(write(inTrace), { 'x-trace-id': TRACE });
    assert.deepEqual(write(read({ 'x-trace-id': 'order-7' }, { names })), { 'x-trace-id': 'order-7' });
    const both = trace.setSpanContext(read({}), { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    assert.equal(write(both)['x-trace-id'], undefined);
  });
});

describe('across the trust boundary', () => {
  test('in: no parent, no baggage, a link to everybody who was named; the correlation id stays', () => {
    const losses = createLosses();
    const headers = {
      traceparent: PARENT,
      tracestate: 'a=1',
      b3: `${'c'.repeat(32)}-${'d'.repeat(16)}-d`,
      baggage: 'x=1,y=2',
      'x-trace-id': 'order-7',
    };
    const context = read(headers, { losses, outside: true });
    assert.equal(trace.getSpanContext(context), undefined);
    assert.equal(propagation.getBaggage(context), undefined);
    const request = requestOf(context);
    assert.equal(request?.arrival?.seed, undefined);
    assert.equal(request?.carried, undefined);
    assert.equal(request?.correlationId, 'order-7');
    assert.deepEqual(
      request?.arrival?.links.map((one) => [one.context.traceId, one.attributes?.['aode.link.reason']]),
      [
        [TRACE, 'untrusted_edge'],
        ['c'.repeat(32), 'untrusted_edge'],
      ],
    );
    assert.deepEqual(losses.counts(), { baggage_dropped: 2 });
    assert.equal(isOutside(context), false, 'what is called from here on is not outside');
  });

  test('in: X-Trace-ID alone names no trace of ours', () => {
    const context = read({ 'x-trace-id': 'order-7' }, { outside: true });
    assert.equal(arrivalOf(context)?.seed, undefined);
    assert.deepEqual(reasons(context), [
      {
        'aode.link.reason': 'untrusted_edge',
        'aode.link.propagator': 'x-trace-id',
        'aode.link.trace_id': parseXTraceId('order-7'),
      },
    ]);
    assert.equal(arrivalOf(read({}, { outside: true })), undefined);
  });

  test('out: ids and flags of every format, nothing else', () => {
    const headers = {
      traceparent: PARENT,
      tracestate: 'a=1',
      'x-amzn-trace-id': `${XRAY};Parent=${SPAN};Sampled=1;Lineage=a87bd80c:1`,
      ...SAME['datadog'],
      'x-datadog-origin': 'rum',
      'x-datadog-tags': `_dd.p.tid=${TRACE.slice(0, 16)},_dd.p.usr=YW5u`,
      baggage: 'user=ann',
      'uberctx-user': 'ann',
    };
    const context = read(headers);
    assert.deepEqual(write(context), { ...write(read({ traceparent: PARENT })), ...headers });
    assert.deepEqual(write(context, true), write(read({ traceparent: PARENT })));
  });
});

describe('switching', () => {
  test('what starts afterwards uses the new headers, what is under way its own', () => {
    const propagator = createPropagator(['tracecontext'], { losses: createLosses(), baggageAllow: [] });
    const begin = (): Context =>
      propagator.extract(ROOT_CONTEXT, { ...SAME['b3'], traceparent: PARENT }, defaultTextMapGetter);
    const send = (context: Context): Headers => {
      const headers: Headers = {};
      propagator.inject(context, headers, defaultTextMapSetter);
      return headers;
    };
    const before = begin();
    assert.deepEqual(propagator.fields(), ['traceparent', 'tracestate']);
    assert.deepEqual(propagator.use(['b3', 'mine', 'none']), ['mine']);
    assert.deepEqual(propagator.fields(), ['b3']);
    const after = begin();
    assert.deepEqual(send(before), { traceparent: PARENT });
    assert.deepEqual(send(after), SAME['b3']);
    const alone = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    assert.deepEqual(send(alone), SAME['b3']);
    propagator.use(['none']);
    assert.deepEqual(send(alone), {});
  });
});
