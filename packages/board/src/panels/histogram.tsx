/** Lines by interval, errors at the ground where they can be compared, the rest above. Dragging chooses the range. */
import type { LogHistogramResponse } from '@aode/wire/hub-api';
import { type ReactNode, useMemo } from 'react';
import { useBoard } from '../data/board.tsx';
import { fixedRange } from '../data/range.ts';
import { linearTicks, timeTicks } from '../data/scale.ts';
import { useWords } from '../words/words.tsx';
import { useBoxWidth } from './use-box.ts';
import { useBrush } from './use-brush.ts';

const HEIGHT = 104;
const LEFT = 44;
const TOP = 8;
const BOTTOM = 18;
const BASE = HEIGHT - BOTTOM;

const LEVELS = [
  ['error', 'var(--error)', 0.85],
  ['warn', 'var(--slow)', 0.85],
  ['other', 'var(--line-strong)', 1],
] as const;

export function Histogram({ data }: { data: LogHistogramResponse }): ReactNode {
  const { text, fmt } = useWords();
  const board = useBoard();
  const [box, width] = useBoxWidth<HTMLDivElement>();
  const count = data.other.length;
  const stepMs = data.stepSeconds * 1000;
  const each = (width - LEFT) / Math.max(1, count);
  const msAt = (px: number): number => data.startUnixMs + Math.max(0, (px - LEFT) / each) * stepMs;
  const brush = useBrush({
    onChoose: (from, to) => board.change({ range: fixedRange(msAt(from), msAt(to)) }),
  });
  const zoneMs = -new Date(data.endUnixMs).getTimezoneOffset() * 60_000;
  const endMs = data.startUnixMs + count * stepMs;
  const times = timeTicks(data.startUnixMs, endMs, Math.max(2, Math.floor(width / 110)), zoneMs);
  const precision = (times[1] ?? 0) - (times[0] ?? 0) < 60_000 ? 'second' : 'minute';
  return (
    <div className="chart" ref={box} {...brush.handlers}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={text('lines', { d: `${data.stepSeconds} s` })}
        >
          <Columns data={data} width={width} />
          <line className="base" x1={LEFT} x2={width} y1={BASE + 0.5} y2={BASE + 0.5} />
          {times.map((tick) => (
            <text
              key={tick}
              x={Math.min(width - 16, LEFT + ((tick - data.startUnixMs) / stepMs) * each)}
              y={HEIGHT - 3}
              textAnchor="middle"
            >
              {fmt.clock(tick, precision)}
            </text>
          ))}
          {brush.drawn !== null && (
            <rect
              className="brush"
              x={brush.drawn[0]}
              width={brush.drawn[1] - brush.drawn[0]}
              y="0"
              height={BASE}
            />
          )}
        </svg>
      )}
    </div>
  );
}

function Columns({ data, width }: { data: LogHistogramResponse; width: number }): ReactNode {
  const { fmt } = useWords();
  const count = data.other.length;
  const each = (width - LEFT) / Math.max(1, count);
  const ticks = useMemo(() => {
    const most = data.other.reduce(
      (top, other, at) => Math.max(top, other + (data.warn[at] ?? 0) + (data.error[at] ?? 0)),
      1,
    );
    return linearTicks(most, 3);
  }, [data]);
  const top = ticks.at(-1) ?? 1;
  const tall = (value: number): number => (value / top) * (BASE - TOP);
  const columns: ReactNode[] = [];
  for (let at = 0; at < count; at++) {
    let y = BASE;
    for (const [level, fill, opacity] of LEVELS) {
      const height = tall(data[level][at] ?? 0);
      if (height === 0) continue;
      // A handful of errors among thousands of lines is still to be seen.
      const shown = level === 'other' ? height : Math.max(1.5, height);
      y -= shown;
      const gap = shown > 2 ? 0.5 : 0;
      columns.push(
        <rect
          key={`${at}${level}`}
          x={LEFT + at * each}
          width={Math.max(0.8, each - (each > 4 ? 2 : 0.5))}
          y={y}
          height={shown - gap}
          fill={fill}
          opacity={opacity}
        />,
      );
    }
  }
  return (
    <>
      {ticks.slice(1).map((tick) => {
        const y = Math.round(BASE - tall(tick)) + 0.5;
        return (
          <g key={tick}>
            <line className="grid" x1={LEFT} x2={width} y1={y} y2={y} />
            <text x={LEFT - 6} y={y + 3.5} textAnchor="end">
              {fmt.number(tick, Number.isInteger(tick) ? 0 : 1)}
            </text>
          </g>
        );
      })}
      {columns}
    </>
  );
}
