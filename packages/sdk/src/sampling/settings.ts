/**
 * What sampling goes by, adjustable while the process runs. The engine asks `baseline`, `rules` and `limits`; whoever
 * adjusts them calls `apply`, which takes effect at the next trace.
 */
import { type KeepRule, readSamplingSettings, type SamplingSettings } from '@aode/wire';
import { type Baseline, createBaseline } from './baseline.ts';
import { createRateLimits, type RateLimits } from './rate-limit.ts';
import { compileKeepRules, type KeepRules } from './rules.ts';
import { reasonOfRule } from './triggers.ts';

export type { SamplingSettings } from '@aode/wire';

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
  /**
   * The same for somebody who has the last word, as the hub has: what is named here holds whatever is applied, until
   * another call names it no more; then what was applied holds again.
   */
  override(settings: unknown): void;
}

export function createSampling(start: SamplingSettings): Sampling {
  /** What was applied, what overrides it, and what comes of both. */
  let base = start;
  let over: Partial<SamplingSettings> = {};
  let settings = start;
  const baseline = createBaseline(start);
  let rules = compileKeepRules(start.keep);
  let limits = limitsOf(start.keep, undefined);
  const use = (): void => {
    const next = { ...base, ...over };
    baseline.adjust(next);
    if (next.keep !== settings.keep) {
      rules = compileKeepRules(next.keep);
      limits = limitsOf(next.keep, limits);
    }
    settings = next;
  };
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
      base = { ...base, ...readSamplingSettings(change) };
      use();
    },
    override(value) {
      over = readSamplingSettings(value);
      use();
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
