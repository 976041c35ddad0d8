import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import fc from 'fast-check';
import { rankCauses, type Ranking } from './rank.ts';
import { type Fault, SERVICES, simulate } from './system.sim.ts';
import type { Window } from './window.ts';

const FAULT_MS = 1_030_000;
const calm = simulate({ seed: 1, startMs: 1_000_000, traces: 150 });
const faultWindow = (fault?: Fault): Window =>
  simulate({ seed: 2, startMs: FAULT_MS, traces: 40, ...(fault === undefined ? {} : { fault }) });
const rounded = (value: number): number => Number(value.toPrecision(6));
const scores = ({ services }: Ranking): (string | number)[][] =>
  services.map(({ service, scoreBits, explainedBits }) => [
    service,
    rounded(scoreBits),
    rounded(explainedBits),
  ]);

/** Golden values: a first implementation of the method gave these scores and explained bits for these windows. */
const GOLDEN: readonly (readonly [Fault | undefined, (string | number)[][]])[] = [
  [
    undefined,
    [
      ['pay', 0.201156, 0],
      ['gateway', 0, 0],
      ['orders', 0, 0.153763],
      ['stock', 0, 0],
      ['users', 0, 0],
    ],
  ],
  [
    { kind: 'slow', service: 'stock' },
    [
      ['stock', 9.22794, 0],
      ['pay', 0.201156, 0],
      ['gateway', 0, 8.30274],
      ['orders', 0, 8.90005],
      ['users', 0, 0],
    ],
  ],
  [
    { kind: 'late', service: 'pay' },
    [
      ['pay', 9.39312, 0],
      ['gateway', 0, 8.2303],
      ['orders', 0, 8.37404],
      ['stock', 0, 0],
      ['users', 0, 0],
    ],
  ],
  [
    { kind: 'failing', service: 'pay' },
    [
      ['pay', 11.0005, 0],
      ['stock', 0.154678, 0],
      ['gateway', 0, 6.10761],
      ['orders', 0, 6.10761],
      ['users', 0, 0],
    ],
  ],
  [
    { kind: 'busy', service: 'users' },
    [
      ['users', 4.84133, 0],
      ['pay', 0.201156, 0],
      ['gateway', 0, 0],
      ['orders', 0, 0.153763],
      ['stock', 0, 0],
    ],
  ],
  [
    { kind: 'silent', service: 'orders' },
    [
      ['orders', 7.05165, 0.147082],
      ['gateway', 0, 0.491605],
      ['pay', 0, 0],
      ['stock', 0, 0],
      ['users', 0, 0],
    ],
  ],
];

for (const [fault, golden] of GOLDEN) {
  test(`${fault === undefined ? 'no fault' : `${fault.service} is ${fault.kind}`}: the golden ranking`, () => {
    assert.deepEqual(scores(rankCauses(faultWindow(fault), calm)), golden);
  });
}

test('every service is found at fault, whatever the fault', () => {
  for (const kind of ['slow', 'late', 'failing', 'busy', 'silent'] as const) {
    for (const service of SERVICES) {
      // Nobody calls the gateway, so nobody can see that it is reached late.
      if (kind === 'late' && service === 'gateway') continue;
      const [first] = rankCauses(faultWindow({ kind, service }), calm).services;
      assert.equal(first?.service, service, `${kind} ${service}`);
      assert.ok(first.scoreBits > 4, `${kind} ${service}: ${first.scoreBits}`);
    }
  }
});

test('calm windows stay far below an alarm', () => {
  for (let seed = 10; seed < 30; seed += 1) {
    const window = simulate({ seed, startMs: FAULT_MS, traces: 40 });
    const bits = rankCauses(window, calm).services[0]?.scoreBits ?? 0;
    assert.ok(bits < 4, `seed ${seed}: ${bits}`);
  }
});

test('the score is what the kinds say, less what the callees explain', () => {
  const own = new Set(['edge', 'metric']);
  for (const [fault] of GOLDEN) {
    for (const { kindBits, explainedBits, scoreBits } of rankCauses(faultWindow(fault), calm).services) {
      let [sure, rest] = [0, 0];
      for (const [kind, bits] of Object.entries(kindBits)) {
        if (own.has(kind)) sure += bits;
        else rest += bits;
      }
      assert.ok(Math.abs(scoreBits - (sure + Math.max(0, rest - explainedBits))) < 1e-9);
    }
  }
});

test('an operation that falls silent altogether, or begins to log, is seen', () => {
  const mute = (window: Window): Window => ({
    ...window,
    logs: window.logs.filter(({ service }) => service !== 'users'),
  });
  for (const [window, baseline] of [
    [mute(faultWindow()), calm],
    [faultWindow(), mute(calm)],
  ] as const) {
    const [first] = rankCauses(window, baseline).services;
    assert.equal(first?.service, 'users');
    assert.ok((first.kindBits.log ?? 0) > 4, JSON.stringify(first.kindBits));
  }
});

test('a kind left out says nothing', () => {
  const { services } = rankCauses(faultWindow({ kind: 'slow', service: 'stock' }), calm, {
    without: new Set(['self']),
  });
  assert.ok(services.every(({ kindBits }) => kindBits.self === undefined));
  assert.ok((services[0]?.scoreBits ?? 9) < 1);
});

test('the order of the records does not matter', () => {
  const window = faultWindow({ kind: 'failing', service: 'stock' });
  const golden = scores(rankCauses(window, calm));
  const shuffle = <T>(list: readonly T[], seed: number): T[] => {
    const random = seededRandom(seed);
    return list
      .map((one) => ({ one, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
  };
  const mixed = ({ spans, logs, points }: Window, seed: number): Window => ({
    spans: shuffle(spans, seed),
    logs: shuffle(logs, seed),
    points: shuffle(points, seed),
  });
  assert.deepEqual(scores(rankCauses(mixed(window, 3), mixed(calm, 4))), golden);
});

test('an error line that names another service spares its writer', () => {
  // orders takes another path in half of its traces; saying whose fault it is excuses that.
  const odd = faultWindow();
  const half = new Set(odd.spans.filter((_, i) => i % 3 === 0).map(({ traceId }) => traceId));
  const spans = odd.spans.filter(
    (s) => !(half.has(s.traceId) && (s.service === 'pay' || s.spanId === 'orders to pay')),
  );
  const line = (body: string): Window['logs'] => [
    ...odd.logs,
    ...[...half].map((traceId, i) => ({
      id: String(100_000 + i),
      timeMs: FAULT_MS,
      service: 'orders',
      severityNumber: 17,
      body,
      traceId,
      spanId: 'orders in',
    })),
  ];
  const bits = (body: string): number => {
    const { services } = rankCauses({ ...odd, spans, logs: line(body) }, calm);
    const { shape = 0, log = 0 } = services.find(({ service }) => service === 'orders')?.kindBits ?? {};
    return shape + log;
  };
  assert.ok(bits('no card given') > 4);
  assert.ok(bits('no instance of pay available') < 1);
});

test('empty windows on either side are a ranking without bits', () => {
  const empty: Window = { spans: [], logs: [], points: [] };
  assert.deepEqual(rankCauses(empty, empty).services, []);
  for (const [window, baseline] of [
    [calm, empty],
    [empty, calm],
  ] as const) {
    const { services } = rankCauses(window, baseline);
    assert.equal(services.length, SERVICES.length);
    assert.ok(
      services.every(({ scoreBits }) => scoreBits >= 0 && scoreBits < 4),
      JSON.stringify(services[0]),
    );
  }
});

test('hostile names, loops and times give finite scores', () => {
  const name = fc.constantFrom('', '*', '__proto__', 'constructor', '\u0000', '<script>', '支付', 'a', 'b');
  const id = fc.constantFrom('1', '2', '3', '4', '');
  const ms = fc.oneof(fc.double({ min: -1e13, max: 2e13, noNaN: true }), fc.constantFrom(0, 1, 2));
  const span = fc.record({
    traceId: id,
    spanId: id,
    parentSpanId: id,
    service: name,
    name,
    kind: fc.nat(5),
    startMs: ms,
    endMs: ms,
    error: fc.boolean(),
    peerService: name,
    peerAddress: name,
  });
  const log = fc.record({
    id: fc.nat().map(String),
    timeMs: ms,
    service: name,
    severityNumber: fc.nat(24),
    body: fc.oneof(fc.string(), name),
    traceId: id,
    spanId: id,
  });
  const point = fc.record({
    timeMs: ms,
    service: name,
    instance: name,
    name: fc.constantFrom('cpu.utilization', '__proto__'),
    unit: name,
    value: fc.double(),
  });
  const window = fc.record({
    spans: fc.array(span, { maxLength: 20 }),
    logs: fc.array(log, { maxLength: 20 }),
    points: fc.array(point, { maxLength: 20 }),
  });
  fc.assert(
    fc.property(window, window, (now, before) => {
      for (const { scoreBits, explainedBits, tests } of rankCauses(now, before).services) {
        assert.ok(Number.isFinite(scoreBits) && scoreBits >= 0 && Number.isFinite(explainedBits));
        for (const {
          test: { z, p },
        } of tests)
          assert.ok(Number.isFinite(z) && p > 0 && p <= 1);
      }
    }),
  );
});
