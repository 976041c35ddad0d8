/** What applications hand over by mistake or malice; nothing of it may throw inside the SDK. */

function cyclic(): unknown[] {
  const list: unknown[] = [1];
  list.push(list, list);
  return list;
}

function thrower(): never {
  throw new Error('called');
}

const broken: ProxyHandler<object> = {
  get: () => {
    throw new Error('get');
  },
  ownKeys: () => {
    throw new Error('ownKeys');
  },
  getPrototypeOf: () => {
    throw new Error('getPrototypeOf');
  },
};

export const HOSTILE: readonly unknown[] = Object.freeze([
  undefined,
  null,
  Number.NaN,
  -Infinity,
  -0,
  2 ** 64,
  2n ** 64n,
  -(2n ** 63n),
  '',
  '\ud800 lone \udfff',
  '\0\r\n\u2028',
  'x'.repeat(1_000_000),
  Symbol('s'),
  () => 1,
  {},
  Object.create(null),
  { toString: null, valueOf: null },
  cyclic(),
  Array.from({ length: 100_000 }, (_, i) => i),
  [[['nested']], { a: 1 }, null, undefined, Symbol('s')],
  new Uint8Array(100_000),
  new Date(Number.NaN),
  [Number.NaN, Number.NaN],
  [1.5, 1e300],
  [-1, 0],
  new Proxy({}, broken),
  new Proxy([], broken),
  // Times, as long as nobody reads them.
  new Proxy([1, 2], { get: (list, key) => (key === 'length' ? list.length : broken.get?.(list, key, list)) }),
  Object.assign(new Date(), { getTime: thrower }),
  Object.assign(() => 1, { toString: thrower }),
  { toString: thrower },
  [Object.create(null)],
  {
    ok: 1,
    get bad() {
      throw new Error('getter');
    },
  },
  {
    get code() {
      throw new Error('getter');
    },
    get context() {
      throw new Error('getter');
    },
  },
  { context: { traceId: 'zz', spanId: 5, traceFlags: {}, traceState: 'none' } },
  {
    context: {
      traceId: '1'.repeat(32),
      spanId: '1'.repeat(16),
      traceFlags: 1,
      traceState: {
        serialize: () => {
          throw new Error('serialize');
        },
      },
    },
  },
]);
