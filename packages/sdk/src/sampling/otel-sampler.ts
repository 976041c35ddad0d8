/**
 * `OTEL_TRACES_SAMPLER` and its argument (OpenTelemetry, environment variable specification, § General SDK
 * configuration) as a probability. `parentbased_…` means the same as the plain name: a parent's decision is always
 * followed here.
 */
import { AodeError } from '@aode/base';
import type { Environment } from '../env.ts';
import { isProbability } from '@aode/wire';

const SAMPLER = 'OTEL_TRACES_SAMPLER';
const ARGUMENT = 'OTEL_TRACES_SAMPLER_ARG';
/** What the specification takes where the argument is missing or wrong. */
const RATIO_DEFAULT = 1;

export interface OtelSampler {
  /** Undefined where none is named, or one that is unknown. */
  readonly probability: number | undefined;
  /** What could not be used; the specification has it said and ignored. */
  readonly warning: AodeError | undefined;
}

export function readOtelSampler(env: Environment): OtelSampler {
  const given = env[SAMPLER]?.trim() ?? '';
  switch (given.replace(/^parentbased_/, '')) {
    case '':
      return given === '' ? found(undefined) : unknown(given);
    case 'always_on':
      return found(1);
    case 'always_off':
      return found(0);
    case 'traceidratio':
      return ratioOf(env[ARGUMENT]?.trim() ?? '');
    default:
      return unknown(given);
  }
}

const found = (probability: number | undefined): OtelSampler => ({ probability, warning: undefined });

function unknown(value: string): OtelSampler {
  const expected = 'always_on, always_off, traceidratio, or these behind parentbased_';
  return { probability: undefined, warning: warningOf(SAMPLER, value, expected) };
}

function ratioOf(value: string): OtelSampler {
  if (value === '') return found(RATIO_DEFAULT);
  const ratio = readProbability(value);
  if (ratio !== undefined) return found(ratio);
  return {
    probability: RATIO_DEFAULT,
    warning: warningOf(ARGUMENT, value, `a number from 0 to 1; ${RATIO_DEFAULT} is taken`),
  };
}

const warningOf = (option: string, value: string, expected: string): AodeError =>
  new AodeError('AODE_OPTION_INVALID', { option, value, expected, why: 'it is ignored' });

const DECIMAL = /^(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:e[+-]?\d{1,3})?$/i;

/** Undefined for a text that is no number, or no probability. */
export function readProbability(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const p = Number(text);
  return isProbability(p) ? p : undefined;
}
