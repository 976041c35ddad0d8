/**
 * What sampling goes by, adjustable while the process runs. The engine asks `baseline`, `rules` and `limits`; whoever
 * adjusts them calls `apply`, which takes effect at the next trace.
 */
import { AodeError } from '@aode/base';
import { type Baseline, type BaselineSettings, createBaseline } from './baseline.ts';
import { type KeepRule, readKeepRules } from './keep-rule.ts';
import { createRateLimits, type RateLimits } from './rate-limit.ts';
import { compileKeepRules, type KeepRules } from './rules.ts';
import { isProbability } from './threshold.ts';
import { reasonOfRule } from './triggers.ts';

export interface SamplingSettings extends BaselineSettings {
  readonly keep: readonly KeepRule[];
}

export interface Sampling {
  readonly settings: SamplingSettings;
  readonly baseline: Baseline;
  /** Those in use now; not to be held. */
  readonly rules: KeepRules;
  /** By reason: `rule:NAME`. */
  readonly limits: RateLimits;
  /**
   * Replaces what is named, and leaves the rest as it is. Throws AODE_OPTION_INVALID for a name or value that cannot
   * be, and changes nothing then. New rules begin with full limits; what was refused before stays counted.
   */
  apply(change: Readonly<Partial<SamplingSettings>>): void;
}

/** A million a second is above what a process can begin: all are kept. */
export const TRACES_PER_SECOND_MAX = 1_000_000;

export function createSampling(start: SamplingSettings): Sampling {
  let settings = start;
  const baseline = createBaseline(start);
  let rules = compileKeepRules(start.keep);
  let limits = limitsOf(start.keep, undefined);
  return {
    baseline,
    get settings() {
      return settings;
    },
    get rules() {
      return rules;
    },
    get limits() {
      return limits;
    },
    apply(change) {
      const next = { ...settings, ...readSettings(change) };
      baseline.adjust(next);
      if (next.keep !== settings.keep) {
        rules = compileKeepRules(next.keep);
        limits = limitsOf(next.keep, limits);
      }
      settings = next;
    },
  };
}

function limitsOf(keep: readonly KeepRule[], before: RateLimits | undefined): RateLimits {
  const perSecond = new Map<string, number>();
  for (const { name, limitPerSecond } of keep) {
    if (limitPerSecond !== undefined) perSecond.set(reasonOfRule(name), limitPerSecond);
  }
  return createRateLimits(perSecond, before?.refused());
}

/** The settings that `value` names, checked. Throws AODE_OPTION_INVALID with the name of the one that cannot be. */
export function readSettings(value: unknown): Partial<SamplingSettings> {
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

export function isTraceRate(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= TRACES_PER_SECOND_MAX;
}

function refusal(option: string, value: unknown, why: string): AodeError {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return new AodeError('AODE_OPTION_INVALID', { option, value: isPlain ? String(value) : undefined, why });
}
