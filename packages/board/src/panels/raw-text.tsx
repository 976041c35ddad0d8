/**
 * Text that came by telemetry. It is isolated in direction, its unseen characters are shown by number, and only so
 * much of it reaches the page as can be of use there; the title holds more, the panels hold all.
 */
import type { ReactNode } from 'react';
import { cutText, stretchesOf, visibleText } from '../words/visible.ts';

/** Wider than any cell at 12 px on a wide screen. */
const CELL_MAX = 400;
const TITLE_MAX = 2_000;

export function Raw({ text, max = CELL_MAX }: { text: string; max?: number }): ReactNode {
  const cut = cutText(text, max);
  const [first, ...rest] = stretchesOf(cut);
  if (rest.length === 0 && first?.escape !== true) return <bdi>{cut}</bdi>;
  return (
    <bdi>
      {stretchesOf(cut).map((stretch, at) =>
        stretch.escape ? (
          <span key={at} className="escape">
            {stretch.text}
          </span>
        ) : (
          stretch.text
        ),
      )}
    </bdi>
  );
}

export function titleOf(text: string): string {
  return visibleText(cutText(text, TITLE_MAX));
}
