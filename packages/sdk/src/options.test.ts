import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AodeError, errorLine, isAodeError } from '@aode/base';
import fc from 'fast-check';
import { postOptionsOf } from './agent/ship-options.ts';
import { optionsPage } from './option-page.ts';
import { SDK_OPTIONS, type SdkOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import { OPTION_VALUES as VALUES } from './testing/option-values.ts';

type Key = keyof SdkOptions;
const KEYS = Object.keys(SDK_OPTIONS) as Key[];

const NOTHING = { code: {}, env: {}, manifest: {} };

function refusal(sources: Partial<Parameters<typeof resolveOptions>[0]>): AodeError {
  try {
    resolveOptions({ ...NOTHING, ...sources });
  } catch (error) {
    assert.ok(isAodeError(error));
    assert.equal(error.code, 'AODE_OPTION_INVALID');
    return error;
  }
  return assert.fail(`not refused: ${JSON.stringify(sources)}`);
}

describe('precedence: code > AODE_* > OTEL_* > package.json > default', () => {
  for (const key of KEYS) {
    test(key, () => {
      const [byCode, byAode, byOtel, byManifest] = VALUES[key];
      assert.ok(
        byCode !== undefined && byAode !== undefined && byOtel !== undefined && byManifest !== undefined,
      );
      const { env: names, fallback } = SDK_OPTIONS[key];
      const [aodeName = '', otelName] = names;
      assert.match(aodeName, /^AODE_/);
      if (otelName !== undefined) assert.match(otelName, /^OTEL_|^(?:HTTPS?|NO)_PROXY$/);
      const env: Record<string, string> = { [aodeName]: byAode[1] };
      if (otelName !== undefined) env[otelName] = byOtel[1];
      const manifest: Record<string, unknown> = { [key]: byManifest[0] };
      const code = { [key]: byCode[0] };

      const same = (sources: Partial<Parameters<typeof resolveOptions>[0]>, wanted: unknown): void =>
        assert.deepEqual(resolveOptions({ ...NOTHING, ...sources })[key], wanted);
      same({ code, env, manifest }, byCode[0]);
      same({ env, manifest }, byAode[0]);
      if (otelName !== undefined) same({ env: { [otelName]: byOtel[1] }, manifest }, byOtel[0]);
      same({ manifest }, byManifest[0]);
      same({ manifest: { [key]: byManifest[1] } }, byManifest[0]);
      same({}, fallback);
      // Empty, or nothing but blanks, counts as unset.
      const empty = Object.fromEntries(names.map((name) => [name, ' ']));
      same({ env: empty, manifest }, byManifest[0]);
    });
  }
});

test('the result is complete and frozen', () => {
  const options = resolveOptions(NOTHING);
  assert.deepEqual(Object.keys(options), KEYS);
  assert.ok(Object.isFrozen(options));
});

const REFUSED: readonly (readonly [Key, unknown])[] = [
  ['disabled', 'yes'],
  ['disabled', 1],
  ['endpoint', 'ftp://h'],
  ['endpoint', 'no url'],
  ['endpoint', 'http://h/?a=1'],
  ['endpoint', 'h:4318/path'],
  ['endpoint', 'http://a,ftp://b'],
  ['endpoint', ','],
  ['endpoint', Array.from({ length: 9 }, (_, i) => `http://h${i}`)],
  ['endpoint', ['http://a,http://b']],
  ['endpoint', [4318]],
  ['endpoint', []],
  ['endpoint', 4318],
  ['protocol', 'http'],
  ['insecure', 'maybe'],
  ['headers', 'no pair'],
  ['headers', 'a=%zz'],
  ['headers', { 'in valid': 'x' }],
  ['headers', { a: 'line\nbreak' }],
  ['headers', { a: 1 }],
  ['headers', null],
  ['headers', ['a=b']],
  ['compression', 'brotli'],
  ['timeoutMs', '-1'],
  ['timeoutMs', '0'],
  ['timeoutMs', 0],
  ['timeoutMs', -1],
  ['timeoutMs', 1.5],
  ['timeoutMs', Number.NaN],
  ['timeoutMs', Infinity],
  ['timeoutMs', 1e9],
  ['serviceName', 5],
  ['resourceAttributes', { a: 1 }],
  ['resourceAttributes', { 'a=b': 'c' }],
  ['propagators', [1]],
  ['requestIdHeader', 'in valid'],
  ['requestIdHeader', 'x'.repeat(65)],
  ['untrustedPorts', '0'],
  ['untrustedPorts', '65536'],
  ['untrustedPorts', '80,all'],
  ['untrustedPorts', [80.5]],
  ['untrustedPorts', [true]],
  ['untrustedPorts', 'http'],
  ['baggageAllow', 'in valid'],
  ['baggageAllow', 'trace_id'],
  ['baggageAllow', [5]],
  ['trustedHosts', 'http://h'],
  ['trustedHosts', '*.*'],
  ['trustedHosts', 'a b'],
  ['samplingProbability', '1.1'],
  ['samplingProbability', -0.1],
  ['samplingProbability', 1e-17],
  ['samplingProbability', Number.NaN],
  ['samplingProbability', 'half'],
  ['samplingTracesPerSecondMin', 1.5],
  ['samplingTracesPerSecondMin', -1],
  ['samplingTracesPerSecondMin', 1_000_001],
  ['samplingFile', 5],
  ['keep', 'user_tier=premium'],
  ['keep', '[{]'],
  ['keep', {}],
  ['keep', null],
  ['keep', [{ name: 'x' }]],
  ['clockSources', 'auto,chrony'],
  ['clockSources', 'gps'],
  ['clockSources', ','],
  ['clockServers', 'host:0'],
  ['clockServers', 'host:65536'],
  ['clockServers', 'http://host'],
  ['clockServers', Array.from({ length: 17 }, (_, i) => `host${i}`)],
  ['clockSlewPpm', 0],
  ['clockSlewPpm', '100001'],
  ['clockSlewPpm', 0.5],
  ['clockRemoteOffsetMsMax', -1],
  ['clockRemoteOffsetMsMax', 3_600_001],
  ['logs', 'maybe'],
  ['consoleLines', 'log'],
  ['consoleLines', true],
  ['lineCharsMax', 1023],
  ['lineCharsMax', 16_777_217],
  ['memoryBytesMax', '1e3'],
  ['memoryBytesMax', 1024 * 1024 * 1024 + 1],
  ['memoryBytesMax', 4 * 1024 * 1024 - 1],
  ['agent', 'thread'],
  ['spanDeadlineMs', 999],
  ['spanPlaces', -1],
  ['flushIntervalMs', 'soon'],
  ['metricIntervalMs', 999],
  ['exitTimeoutMs', {}],
];

test('what an option cannot be is refused with its name, from wherever it comes', () => {
  for (const [key, value] of REFUSED) {
    assert.equal(refusal({ code: { [key]: value } }).detail['option'], key);
    assert.equal(refusal({ manifest: { [key]: value } }).detail['option'], `"aode".${key} in package.json`);
    if (typeof value !== 'string') continue;
    for (const name of SDK_OPTIONS[key].env) {
      assert.equal(refusal({ env: { [name]: value } }).detail['option'], name);
    }
  }
});

test('last accepted values', () => {
  const code = {
    timeoutMs: 999_999_999,
    memoryBytesMax: 1024 * 1024 * 1024,
    requestIdHeader: 'x'.repeat(64),
  };
  const options = resolveOptions({ ...NOTHING, code });
  assert.equal(options.timeoutMs, 999_999_999);
  assert.equal(options.memoryBytesMax, 1024 * 1024 * 1024);
  assert.equal(options.requestIdHeader.length, 64);
});

test('slashes behind the endpoint are taken off, a path stays', () => {
  const endpoint = (text: string): unknown =>
    resolveOptions({ ...NOTHING, code: { endpoint: text } }).endpoint;
  assert.equal(endpoint('http://h:4318//'), 'http://h:4318');
  assert.equal(endpoint('https://h/otlp/'), 'https://h/otlp');
});

test('gRPC has a default of its own, and INSECURE stands for a scheme that is missing', () => {
  const posts = (sources: Partial<Parameters<typeof resolveOptions>[0]>): readonly string[] =>
    postOptionsOf(resolveOptions({ ...NOTHING, ...sources })).endpoints;
  const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  assert.deepEqual(posts({}), ['http://127.0.0.1:4318']);
  for (const sources of [
    { env: grpc },
    { code: { protocol: 'grpc' } },
    { manifest: { protocol: 'grpc' } },
  ] as const) {
    assert.deepEqual(posts(sources), ['http://127.0.0.1:4317']);
  }
  assert.deepEqual(posts({ env: grpc, code: { protocol: 'http/protobuf' } }), ['http://127.0.0.1:4318']);
  assert.deepEqual(posts({ env: grpc, manifest: { endpoint: 'http://h' } }), ['http://h']);
  const two = { ...grpc, OTEL_EXPORTER_OTLP_ENDPOINT: 'a:4317,http://b' };
  assert.deepEqual(posts({ env: two }), ['https://a:4317', 'http://b']);
  const insecure = { ...two, OTEL_EXPORTER_OTLP_INSECURE: 'true' };
  assert.deepEqual(posts({ env: insecure }), ['http://a:4317', 'http://b']);
  assert.throws(() => posts({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'a:4318' } }), {
    code: 'AODE_OPTION_INVALID',
  });
});

test('the usual variables of proxies, the upper ones first', () => {
  const env = { HTTPS_PROXY: 'a', https_proxy: 'b', http_proxy: 'c', no_proxy: 'd', NO_PROXY: '' };
  const { proxy } = postOptionsOf(resolveOptions({ ...NOTHING, env }));
  assert.deepEqual(proxy, { https: 'a', http: 'c', except: 'd' });
});

test('messages never show what may be a secret', () => {
  const cases = [
    { env: { OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' } },
    { env: { AODE_HUB_OTLP: 'ftp://ann:hunter2@h' } },
    { code: { headers: { 'x y': 'hunter2' } } },
  ];
  for (const sources of cases) assert.doesNotMatch(errorLine(refusal(sources)), /hunter2/);
  assert.match(
    errorLine(refusal({ env: { AODE_LOGS: 'maybe' } })),
    /option AODE_LOGS, value maybe, expected true or false/,
  );
});

test('pairs: what is encoded as OpenTelemetry writes it comes back', () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9._-]{0,10}$/);
  fc.assert(
    fc.property(fc.dictionary(key, fc.string({ unit: 'grapheme' })), (resourceAttributes) => {
      const text = Object.entries(resourceAttributes)
        .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
        .join(' , ');
      const fromEnv = resolveOptions({ ...NOTHING, env: { OTEL_RESOURCE_ATTRIBUTES: text } });
      const fromCode = resolveOptions({ ...NOTHING, code: { resourceAttributes } });
      assert.deepEqual({ ...fromEnv.resourceAttributes }, { ...resourceAttributes });
      assert.deepEqual({ ...fromCode.resourceAttributes }, { ...resourceAttributes });
    }),
  );
});

test('no text of a variable leads to anything but options or the coded error', () => {
  const names = KEYS.flatMap((key) => SDK_OPTIONS[key].env);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string({ unit: 'binary' }), (name, value) => {
      try {
        resolveOptions({ ...NOTHING, env: { [name]: value } });
      } catch (error) {
        assert.ok(isAodeError(error));
      }
    }),
  );
});

test('the page has a row for each option with its variables and its default', () => {
  const page = optionsPage();
  for (const key of KEYS) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${key}\` |`));
    assert.ok(row !== undefined, key);
    for (const name of SDK_OPTIONS[key].env) assert.ok(row.includes(`\`${name}\``));
    assert.ok(row.includes(SDK_OPTIONS[key].sentence));
  }
});

test('a sampler of OpenTelemetry gives the probability where nothing of ours does, and that alone', () => {
  const sampling = (sources: Partial<Parameters<typeof resolveOptions>[0]>): readonly number[] => {
    const options = resolveOptions({ ...NOTHING, ...sources });
    return [options.samplingProbability, options.samplingTracesPerSecondMin];
  };
  const env = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
  const manifest = { samplingProbability: 0.5, samplingTracesPerSecondMin: 3 };
  assert.deepEqual(sampling({ env }), [0.25, 0]);
  assert.deepEqual(sampling({ env, manifest }), [0.25, 0]);
  assert.deepEqual(sampling({ env: { ...env, AODE_SAMPLING_PROBABILITY: '0.1' } }), [0.1, 10]);
  assert.deepEqual(sampling({ env, code: { samplingProbability: 0.2 } }), [0.2, 10]);
  assert.deepEqual(sampling({ env: { ...env, AODE_SAMPLING_TRACES_PER_SECOND_MIN: '5' } }), [0.25, 5]);
  assert.deepEqual(sampling({ env: { OTEL_TRACES_SAMPLER: 'jaeger_remote' } }), [0.01, 10]);
  assert.deepEqual(sampling({ env: { OTEL_TRACES_SAMPLER: 'always_off' } }), [0, 0]);
});

test('a list of rules that is refused says which rule, and why', () => {
  const keep = [
    { name: 'a', route: '/a' },
    { name: 'a', route: '/b' },
  ];
  const error = refusal({ code: { keep } });
  assert.match(errorLine(error), /option keep, .*rule 2: its name is that of another/);
  assert.match(
    errorLine(refusal({ env: { AODE_KEEP: 'tier=x' } })),
    /AODE_KEEP, value tier=x, .*none of baggage\.KEY/,
  );
});
