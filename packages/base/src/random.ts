/**
 * Chance as a parameter. Production code is given `systemRandom`; tests and simulations a seeded source, so that a
 * failing run can be repeated from its seed alone.
 */
import { randomFillSync } from 'node:crypto';

export interface Random {
  /** 32 random bits as an unsigned number. */
  next(): number;
  /** A whole number, 0 <= result < `bound`. */
  below(bound: number): number;
  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean;
}

function randomOf(next: () => number): Random {
  const below = (bound: number): number => Math.floor((next() / 0x1_0000_0000) * bound);
  return { next, below, chance: (numerator, denominator) => below(denominator) < numerator };
}

/** splitmix32 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014, 32-bit variant). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return randomOf(() => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  });
}

/** One system call fills 1 024 numbers, because a call per id costs more than the span it names. */
const POOL_WORDS = 1024;

/** Random numbers of the operating system, drawn in blocks. */
export const systemRandom: Random = createSystemRandom();

function createSystemRandom(): Random {
  const pool = new Uint32Array(POOL_WORDS);
  let used = POOL_WORDS;
  return randomOf(() => {
    if (used === POOL_WORDS) {
      randomFillSync(pool);
      used = 0;
    }
    return pool[used++] ?? 0;
  });
}
