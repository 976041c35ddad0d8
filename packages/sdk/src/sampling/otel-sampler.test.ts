import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorLine } from '@aode/base';
import { readOtelSampler, readProbability } from './otel-sampler.ts';

test('samplers of the specification, with and without parentbased', () => {
  const cases: readonly (readonly [
    sampler: string | undefined,
    arg: string | undefined,
    p: number | undefined,
  ])[] = [
    [undefined, '0.5', undefined],
    ['', undefined, undefined],
    [' ', undefined, undefined],
    ['always_on', '0.5', 1],
    ['always_off', undefined, 0],
    ['traceidratio', '0.25', 0.25],
    [' traceidratio ', ' 0.25 ', 0.25],
    ['traceidratio', '0', 0],
    ['traceidratio', undefined, 1],
  ];
  for (const [sampler, arg, probability] of cases) {
    const wanted = { probability, warning: undefined };
    assert.deepEqual(readOtelSampler({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: arg }), wanted);
    if (probability === undefined) continue;
    const name = `parentbased_${sampler?.trim()}`;
    assert.deepEqual(readOtelSampler({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg }), wanted);
  }
});

test('what is unknown is said and ignored', () => {
  for (const sampler of ['jaeger_remote', 'parentbased_jaeger_remote', 'xray', 'ALWAYS_ON', 'parentbased_']) {
    const { probability, warning } = readOtelSampler({ OTEL_TRACES_SAMPLER: sampler });
    assert.equal(probability, undefined);
    assert.ok(warning !== undefined);
    assert.match(
      errorLine(warning),
      new RegExp(`^AODE_OPTION_INVALID: .*OTEL_TRACES_SAMPLER, value ${sampler}, .*it is ignored`),
    );
  }
  for (const arg of ['2', '-1', 'x', '1e-30', 'NaN', '1,0']) {
    const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: arg };
    const { probability, warning } = readOtelSampler(env);
    assert.equal(probability, 1);
    assert.deepEqual([warning?.detail['option'], warning?.detail['value']], ['OTEL_TRACES_SAMPLER_ARG', arg]);
  }
});

test('numbers as people write them', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['1', 1],
    ['1.0', 1],
    ['0.', 0],
    ['.5', 0.5],
    ['1e-3', 0.001],
    ['5E-1', 0.5],
    ['1e0', 1],
    ['', undefined],
    ['.', undefined],
    ['+1', undefined],
    ['0x1', undefined],
    ['1_0', undefined],
    ['1%', undefined],
    ['1e-17', undefined],
  ];
  for (const [text, p] of cases) assert.equal(readProbability(text), p, text);
});
