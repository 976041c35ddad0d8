/**
 * The colour of a service: 12 hues, given when the hub first sees the name, kept for good. Least used first, and among
 * those in an order in which each next hue stands far from the ones before.
 */

/** How many hues the board has (packages/board, tokens). */
export const HUES = 12;

/** Steps of 5 twelfths of the circle: 5 and 12 share no divisor, so every hue comes once, neighbours late. */
const SPREAD: readonly number[] = Array.from({ length: HUES }, (_, index) => (index * 5) % HUES);

/** The hue for a new service, given how many services wear each hue already. */
export function nextHue(used: readonly number[]): number {
  let best = 0;
  for (const hue of SPREAD) {
    if ((used[hue] ?? 0) < (used[best] ?? 0)) best = hue;
  }
  return best;
}
