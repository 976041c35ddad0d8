/** A line as small as a word: shape of the last intervals, coloured only from where something went wrong. */
import type { ReactNode } from 'react';
import { linePath } from '../data/scale.ts';

const WIDTH = 84;
const HEIGHT = 18;

export interface SparkProps {
  readonly values: readonly (number | null)[];
  readonly kind: 'bad' | 'slow' | null;
  /** Index from which the line is coloured. */
  readonly from: number;
  /** A value below which the line stays low: ripples of a quiet service are no mountains. */
  readonly least: number;
}

export function Spark({ values, kind, from, least }: SparkProps): ReactNode {
  const top = values.reduce<number>((most, value) => Math.max(most, value ?? 0), least) * 1.04 || 1;
  const x = (index: number): number => (values.length < 2 ? 0 : (index / (values.length - 1)) * WIDTH);
  const y = (value: number): number => HEIGHT - 1 - (value / top) * (HEIGHT - 2);
  const cut = Math.max(0, Math.min(values.length, from));
  const before = kind === null ? values : values.slice(0, cut + 1);
  return (
    <svg
      className="spark"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path d={linePath(before, x, y)} />
      {kind !== null && <path className={kind} d={linePath(values.slice(cut), (i) => x(i + cut), y)} />}
    </svg>
  );
}
