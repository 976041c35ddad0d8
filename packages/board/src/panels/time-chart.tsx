/**
 * Lines over time. What deviates has colour and a label at the end of its line, the rest is grey; no legend, and no
 * floating box: under the cursor the labels take the values and the axis takes the time. Dragging chooses the range.
 */
import { memo, type ReactNode } from 'react';
import { fixedRange } from '../data/range.ts';
import { linePath, spreadLabels, timeTicks } from '../data/scale.ts';
import { useBoard } from '../data/board.tsx';
import { cutText, visibleText } from '../words/visible.ts';
import { useWords } from '../words/words.tsx';
import { useBoxWidth } from './use-box.ts';
import { useBrush } from './use-brush.ts';

export interface ChartLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly colour: string;
}

export interface TimeChartProps {
  readonly label: string;
  readonly lines: readonly ChartLine[];
  readonly others: readonly (readonly (number | null)[])[];
  /** Round values from 0 up; the last is the top. */
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
  readonly sinceMs: number | null;
  /** Index under the cursor, shared by the charts of a page. */
  readonly cursor: number | null;
  readonly onCursor: (index: number | null) => void;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly right: number;
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

/** Room for the widest labels of an axis, such as `500 ms`, which take some 42 px. */
const LEFT = 56;
const TOP = 20;
const BOTTOM = 27;
/** Grey lines beyond this are a grey area. */
const OTHERS_MAX = 60;

export function TimeChart(props: TimeChartProps): ReactNode {
  const [box, width] = useBoxWidth<HTMLDivElement>();
  const board = useBoard();
  const { count, startMs, stepMs, onCursor } = props;
  const frame = frameOf(width, props);
  const indexAt = (px: number): number => ((px - LEFT) / (width - LEFT - frame.right)) * (count - 1);
  const clamp = (index: number): number => Math.max(0, Math.min(count - 1, index));
  const brush = useBrush({
    onMove: (at) => onCursor(Math.round(clamp(indexAt(at)))),
    onChoose: (from, to) =>
      board.change({
        range: fixedRange(
          startMs + clamp(indexAt(from)) * stepMs,
          startMs + (clamp(indexAt(to)) + 1) * stepMs,
        ),
      }),
  });
  return (
    <div className="chart" ref={box} {...brush.handlers} onPointerLeave={() => onCursor(null)}>
      {width > 0 && count > 1 && (
        <svg width={width} height={frame.height} role="img" aria-label={props.label}>
          <Ground {...props} width={width} />
          {brush.drawn !== null && (
            <rect
              className="brush"
              x={Math.max(LEFT, brush.drawn[0])}
              width={Math.max(
                0,
                Math.min(brush.drawn[1], frame.x(count - 1)) - Math.max(LEFT, brush.drawn[0]),
              )}
              y={TOP - 6}
              height={frame.height - TOP - BOTTOM + 6}
            />
          )}
          <LineEnds {...props} frame={frame} />
        </svg>
      )}
    </div>
  );
}

function frameOf(width: number, { count, ticks }: TimeChartProps): Frame {
  const narrow = width < 420;
  const height = narrow ? 146 : 184;
  const right = narrow ? 122 : 128;
  const top = ticks.at(-1) ?? 1;
  return {
    width,
    height,
    right,
    x: (index) => LEFT + (index / Math.max(1, count - 1)) * (width - LEFT - right),
    y: (value) => TOP + (1 - Math.min(top, value) / top) * (height - TOP - BOTTOM),
  };
}

/** All that does not follow the cursor; drawn again only when the data change. */
const Ground = memo(
  function Ground(props: TimeChartProps & { readonly width: number }): ReactNode {
    const frame = frameOf(props.width, props);
    const { lines, others, ticks, format, count } = props;
    return (
      <>
        <Wash {...props} frame={frame} />
        {ticks.map((tick) => {
          const y = Math.round(frame.y(tick)) + 0.5;
          return (
            <g key={tick}>
              <line
                className={tick === 0 ? 'base' : 'grid'}
                x1={LEFT}
                x2={frame.x(count - 1)}
                y1={y}
                y2={y}
              />
              <text x={LEFT - 8} y={y + 3.5} textAnchor="end">
                {tick === 0 ? '0' : format(tick)}
              </text>
            </g>
          );
        })}
        <TimeAxis {...props} frame={frame} />
        {others.slice(0, OTHERS_MAX).map((values, at) => (
          <path key={at} className="other" d={linePath(values, frame.x, frame.y)} />
        ))}
        {lines.map((line) => {
          const d = linePath(line.values, frame.x, frame.y);
          return (
            <g key={line.name}>
              <path className="halo" d={d} />
              <path className="hero" d={d} stroke={line.colour} />
            </g>
          );
        })}
      </>
    );
  },
  (one, other) =>
    one.lines === other.lines &&
    one.others === other.others &&
    one.ticks === other.ticks &&
    one.width === other.width &&
    one.startMs === other.startMs &&
    one.sinceMs === other.sinceMs &&
    one.format === other.format,
);

type Framed = TimeChartProps & { readonly frame: Frame };

function Wash({ sinceMs, startMs, stepMs, count, frame }: Framed): ReactNode {
  const { text, fmt } = useWords();
  if (sinceMs === null) return null;
  const index = Math.max(0, (sinceMs - startMs) / stepMs);
  if (index > count - 1) return null;
  const x = frame.x(index);
  const late = x > LEFT + 90;
  return (
    <>
      <rect
        className="wash"
        x={x}
        width={frame.x(count - 1) - x}
        y={TOP - 6}
        height={frame.height - TOP - BOTTOM + 6}
      />
      <line className="since" x1={x} x2={x} y1={TOP - 6} y2={frame.height - BOTTOM} />
      <text className="is-error" x={late ? x - 6 : x + 6} y={TOP - 9} textAnchor={late ? 'end' : 'start'}>
        {text('since', { t: fmt.clock(sinceMs) })}
      </text>
    </>
  );
}

function TimeAxis({ startMs, stepMs, count, frame }: Framed): ReactNode {
  const { fmt } = useWords();
  const endMs = startMs + (count - 1) * stepMs;
  const zoneMs = -new Date(endMs).getTimezoneOffset() * 60_000;
  const ticks = timeTicks(
    startMs,
    endMs,
    Math.max(2, Math.floor((frame.width - LEFT - frame.right) / 82)),
    zoneMs,
  );
  const precision = (ticks[1] ?? 0) - (ticks[0] ?? 0) < 60_000 ? 'second' : 'minute';
  const y = frame.height - BOTTOM;
  return (
    <g>
      {ticks.map((tick) => {
        const x = frame.x((tick - startMs) / stepMs);
        return (
          <g key={tick}>
            <line className="base" x1={x} x2={x} y1={y} y2={y + 4} />
            <text x={x} y={frame.height - 8} textAnchor="middle">
              {fmt.clock(tick, precision)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function LineEnds({ lines, format, cursor, count, startMs, stepMs, frame }: Framed): ReactNode {
  const { fmt } = useWords();
  const last = lines.map((line) => line.values.findLast((value) => value !== null) ?? 0);
  const places = spreadLabels(
    last.map((value) => frame.y(value)),
    16,
    frame.height - BOTTOM,
  );
  const end = frame.x(count - 1);
  return (
    <>
      {cursor !== null && (
        <>
          <line
            className="cursor"
            x1={frame.x(cursor)}
            x2={frame.x(cursor)}
            y1={TOP - 6}
            y2={frame.height - BOTTOM}
          />
          <text className="when" x={frame.x(cursor)} y={frame.height - 8} textAnchor="middle">
            {fmt.clock(startMs + cursor * stepMs, stepMs < 60_000 ? 'second' : 'minute')}
          </text>
        </>
      )}
      {lines.map((line, at) => {
        const shown = cursor === null ? (last[at] ?? null) : (line.values[cursor] ?? null);
        return (
          <g key={line.name}>
            <circle
              cx={cursor === null ? end : frame.x(cursor)}
              cy={frame.y(shown ?? 0)}
              r={shown === null ? 0 : 3}
              fill={line.colour}
              stroke="var(--bg)"
              strokeWidth="1.5"
            />
            <text className="label" x={end + 8} y={(places[at] ?? 0) + 4}>
              {cutText(visibleText(line.name.slice(0, 40)), 13)}
              <tspan dx="5">{shown === null ? '–' : format(shown)}</tspan>
            </text>
          </g>
        );
      })}
    </>
  );
}
