/**
 * Evidence in bits. e = 1 / (2 sqrt p) turns a p-value into an e-value: the gain of a bet that is fair when all is calm
 * (Vovk & Wang, E-values: calibration, combination and applications, Annals of Statistics 49, 2021). E-values may be
 * averaged whatever their dependence, so many tests of one kind cost log2 of their number: the price of searching.
 */

/** log2 of the mean e-value, at least 0. */
export function bitsOf(ps: readonly number[]): number {
  if (ps.length === 0) return 0;
  let sum = 0;
  for (const p of ps) sum += 0.5 / Math.sqrt(p);
  return Math.max(0, Math.log2(sum / ps.length));
}
