/**
 * Twelve hours of load and errors under the frame, the chosen range as a window in it. It is the range picker of all
 * pages and lies at the same pixels on each: drag a new window, or move it by the arrow keys.
 */
import type { RedResponse } from '@aode/wire/hub-api';
import { type KeyboardEvent, type ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { dataSpanOf, useHubNow, useStatus, useStrip } from '../data/queries.ts';
import { fixedRange, shifted, type Span, spanOf, stripSpan } from '../data/range.ts';
import { timeTicks } from '../data/scale.ts';
import { useWords } from '../words/words.tsx';
import { useBoxWidth } from './use-box.ts';
import { useBrush } from './use-brush.ts';

const HEIGHT = 44;

export function Strip(): ReactNode {
  const { text, fmt } = useWords();
  const board = useBoard();
  const hubNow = useHubNow();
  const status = useStatus();
  const strip = useStrip(board.state.range);
  const [box, width] = useBoxWidth<HTMLDivElement>();
  const now = hubNow();
  const chosen = spanOf(board.state.range, now);
  const shown = stripSpan(now, dataSpanOf(status.data), chosen);
  const msAt = (px: number): number => shown.startMs + (px / width) * (shown.endMs - shown.startMs);
  const brush = useBrush({
    onChoose: (from, to) => board.change({ range: fixedRange(msAt(from), msAt(to)) }),
    onClick: (at) => {
      const half = (chosen.endMs - chosen.startMs) / 2;
      board.change({ range: fixedRange(msAt(at) - half, msAt(at) + half) });
    },
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const share = { ArrowLeft: -0.5, ArrowRight: 0.5, PageUp: -1, PageDown: 1 }[event.key];
    if (share === undefined) return;
    event.preventDefault();
    board.change({ range: shifted(board.state.range, share, now) }, true);
  };
  return (
    <div className="strip">
      <div
        ref={box}
        className="strip-box"
        role="slider"
        tabIndex={0}
        title={text('strip')}
        aria-label={text('strip')}
        aria-valuemin={shown.startMs}
        aria-valuemax={shown.endMs}
        aria-valuenow={chosen.startMs}
        aria-valuetext={text('fromTo', { a: fmt.dateTime(chosen.startMs), b: fmt.dateTime(chosen.endMs) })}
        onKeyDown={onKeyDown}
        {...brush.handlers}
      >
        {width > 0 && (
          <svg width={width} height={HEIGHT} aria-hidden="true">
            <Window shown={shown} chosen={chosen} width={width} />
            {strip.data !== undefined && <Bars red={strip.data} shown={shown} width={width} />}
            <Hours shown={shown} chosen={chosen} width={width} />
            {brush.drawn !== null && (
              <rect
                className="brush"
                x={brush.drawn[0]}
                width={brush.drawn[1] - brush.drawn[0]}
                y="0"
                height={HEIGHT}
              />
            )}
          </svg>
        )}
      </div>
    </div>
  );
}

interface StripProps {
  readonly shown: Span;
  readonly chosen: Span;
  readonly width: number;
}

function placeIn(shown: Span, width: number): (ms: number) => number {
  return (ms) => ((ms - shown.startMs) / (shown.endMs - shown.startMs)) * width;
}

function Window({ shown, chosen, width }: StripProps): ReactNode {
  const x = placeIn(shown, width);
  const left = Math.max(0, Math.round(x(chosen.startMs))) + 0.5;
  const right = Math.min(width, Math.max(left + 3, Math.round(x(chosen.endMs)))) - 0.5;
  return (
    <>
      <rect className="win" x={left} width={Math.max(0, right - left)} y="0.5" height={HEIGHT - 2} />
      {[left, right].map((edge, at) => (
        <rect key={at} className="grip" x={edge - 1.5} width="3" y="15" height="14" rx="1.5" />
      ))}
    </>
  );
}

function Bars({ red, shown, width }: { red: RedResponse; shown: Span; width: number }): ReactNode {
  const x = placeIn(shown, width);
  const series = red.series[0];
  if (series === undefined) return null;
  const most = Math.max(1, ...series.requests);
  const stepMs = red.stepSeconds * 1000;
  const barWidth = Math.max(0.8, (stepMs / (shown.endMs - shown.startMs)) * width - 1);
  return series.requests.map((count, at) => {
    if (count === 0) return null;
    const left = x(red.startUnixMs + at * stepMs);
    const height = Math.max(1, (count / most) * 24);
    const errors = series.errors[at] ?? 0;
    const bad = errors === 0 ? 0 : Math.max(2, (errors / count) * height * 1.8);
    return (
      <g key={at}>
        <rect className="vol" x={left} width={barWidth} y={HEIGHT - 3 - height} height={height} />
        {bad > 0 && <rect className="bad" x={left} width={barWidth} y={HEIGHT - 3 - bad} height={bad} />}
      </g>
    );
  });
}

function Hours({ shown, chosen, width }: StripProps): ReactNode {
  const { fmt } = useWords();
  const x = placeIn(shown, width);
  const slim = width < 600;
  const zoneMs = -new Date(shown.endMs).getTimezoneOffset() * 60_000;
  const left = x(chosen.startMs);
  const right = x(chosen.endMs);
  const wide = right - left > 96;
  const ticks = timeTicks(shown.startMs, shown.endMs, Math.max(2, Math.floor(width / 100)), zoneMs);
  return (
    <>
      {ticks
        .map((tick) => ({ tick, at: x(tick) }))
        .filter(({ at }) => at < width - 44 && (at + 44 < left - (wide || slim ? 0 : 40) || at > right + 4))
        .map(({ tick, at }) => (
          <g key={tick}>
            <line x1={at} x2={at} y1="3" y2="12" stroke="var(--line-strong)" />
            <text x={at + 4} y="12">
              {fmt.clock(tick)}
            </text>
          </g>
        ))}
      {!slim && wide && (
        <>
          <text className="is-select" x={left + 7} y="12">
            {fmt.clock(chosen.startMs)}
          </text>
          <text className="is-select" x={right - 6} y="12" textAnchor="end">
            {fmt.clock(chosen.endMs)}
          </text>
        </>
      )}
      {!slim && !wide && left > 44 && (
        <text className="is-select" x={left - 5} y="12" textAnchor="end">
          {fmt.clock(chosen.startMs)}
        </text>
      )}
    </>
  );
}
