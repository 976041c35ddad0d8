/** The length of a live range in the largest unit that leaves no rest. */
import type { Word } from './en.ts';

export function lastWord(minutes: number): readonly [word: Word, count: number] {
  if (minutes % 1440 === 0) return ['nDays', minutes / 1440];
  return minutes % 60 === 0 && minutes > 60 ? ['nHours', minutes / 60] : ['nMinutes', minutes];
}
