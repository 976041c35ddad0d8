/** Sampling settings as they come from outside: from code, a file, or the hub, each time read by this. */
import { AodeError } from '@aode/base';
import { type KeepRule, readKeepRules } from './keep-rule.ts';

export interface SamplingSettings {
  /** 0, or from 2^-56 to 1. */
  readonly probability: number;
  /** A whole number of traces; 0 for the probability alone. */
  readonly tracesPerSecondMin: number;
  readonly keep: readonly KeepRule[];
}

/** A million a second is above what a process can begin: all are kept. */
export const TRACES_PER_SECOND_MAX = 1_000_000;
/** 2^-56, the least probability that a threshold can say. */
const PROBABILITY_MIN = 2 ** -56;

/** The settings that `value` names, checked. Throws AODE_OPTION_INVALID with the name of the one that cannot be. */
export function readSamplingSettings(value: unknown): Partial<SamplingSettings> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AodeError('AODE_OPTION_INVALID', { option: 'sampling', why: 'it is no object' });
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, readSetting(name, one)]));
}

function readSetting(name: string, value: unknown): unknown {
  switch (name) {
    case 'probability':
      if (typeof value === 'number' && isProbability(value)) return value;
      throw refusal(name, value, 'it is neither 0 nor from 2^-56 to 1');
    case 'tracesPerSecondMin':
      if (isTraceRate(value)) return value;
      throw refusal(name, value, `it is no whole number from 0 to ${TRACES_PER_SECOND_MAX}`);
    case 'keep': {
      const rules = readKeepRules(value);
      if (typeof rules !== 'string') return rules;
      throw refusal(name, value, rules);
    }
    default:
      throw refusal(name, undefined, 'it is none of probability, tracesPerSecondMin, keep');
  }
}

/** 0, or from 2^-56 to 1. */
export function isProbability(p: number): boolean {
  return p === 0 || (p >= PROBABILITY_MIN && p <= 1);
}

export function isTraceRate(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= TRACES_PER_SECOND_MAX;
}

function refusal(option: string, value: unknown, why: string): AodeError {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return new AodeError('AODE_OPTION_INVALID', { option, value: isPlain ? String(value) : undefined, why });
}
