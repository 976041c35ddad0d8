/**
 * Whether a trace is in the baseline sample (OpenTelemetry specification, § TraceState: probability sampling). A root
 * is sampled when its randomness reaches the threshold. Below a root the flag that came is kept, whatever else came, so
 * that no trace breaks; `th` is kept only where it agrees with that flag.
 *
 * Spans with a parent in this process are not asked about: they have the context of their parent. Allocates nothing but
 * for thresholds that were not met before: bench `sampling`.
 */
import type { OtelState } from '@aode/wire';
import { type Decision, NOT_SAMPLED, type Threshold, thresholdOfTh } from './threshold.ts';

const SAMPLED_UNKNOWN: Decision = Object.freeze({ sampled: true, th: undefined });

/** The randomness is the last 14 of the 32 digits of a trace id (W3C Trace Context, level 2, § 3.2.2.3). */
const RANDOMNESS_AT = 18;

/** `rv` stands for the randomness of a trace id that was not drawn at random; 14 digits. */
export function decideRoot(traceId: string, rv: string | undefined, threshold: Threshold): Decision {
  return reaches(traceId, rv, threshold.padded) ? threshold.decision : NOT_SAMPLED;
}

/**
 * `sampled` as the parent has it; undefined where it left the decision open, which is then made here as for a root.
 * `state` is the parent's, undefined for none.
 */
export function decideChild(
  traceId: string,
  sampled: boolean | undefined,
  state: OtelState | undefined,
  threshold: Threshold,
): Decision {
  if (sampled === false) return NOT_SAMPLED;
  if (sampled === undefined) return decideRoot(traceId, state?.rv, threshold);
  const th = state?.th;
  if (th === undefined || !reaches(traceId, state?.rv, th)) return SAMPLED_UNKNOWN;
  return known(th).decision;
}

/**
 * R >= T, digit by digit: the first digit decides in all but one of sixteen cases, and no part of the id is cut out.
 * `th` may lack its zeros, which nothing is below.
 */
function reaches(traceId: string, rv: string | undefined, th: string): boolean {
  const text = rv ?? traceId;
  const from = rv === undefined ? RANDOMNESS_AT : 0;
  for (let i = 0; i < th.length; i += 1) {
    const ahead = text.charCodeAt(from + i) - th.charCodeAt(i);
    if (ahead !== 0) return ahead > 0;
  }
  return true;
}

/** Callers have a handful of thresholds; one that sends ever new ones must not fill the memory. */
const KNOWN_MAX = 256;
const knownByTh = new Map<string, Threshold>();

function known(th: string): Threshold {
  const found = knownByTh.get(th);
  if (found !== undefined) return found;
  const made = thresholdOfTh(th);
  // The text as it came may lack nothing or have zeros more; it goes on as it came.
  const kept = made.th === th ? made : { ...made, decision: Object.freeze({ sampled: true, th }) };
  if (knownByTh.size < KNOWN_MAX) knownByTh.set(th, kept);
  return kept;
}
