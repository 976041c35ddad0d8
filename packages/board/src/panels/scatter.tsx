/**
 * Each request as a point: when it began, how long it took (logarithmic). On a canvas, because there are thousands.
 * Dragging a box keeps only what is inside; a click opens the nearest point. The list below is the same by keyboard.
 */
import type { ScatterPoint } from '@aode/wire/hub-api';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useBoard } from '../data/board.tsx';
import { useHubNow } from '../data/queries.ts';
import { fixedRange, spanOf } from '../data/range.ts';
import { logTicks, timeTicks } from '../data/scale.ts';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';
import { drawScatter, type ScatterFrame } from './scatter-drawing.ts';
import { useBoxWidth } from './use-box.ts';

/** From this on a request is marked slow. */
export const SLOW_NANO = 1e9;

const HEIGHT = 236;
const DRAG_LEAST_PX = 5;
/** A click opens a point at most this far away. */
const NEAR_PX = 14;

interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export function Scatter({ points }: { points: readonly ScatterPoint[] }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const [boxRef, width] = useBoxWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const from = useRef<readonly [number, number] | null>(null);
  const [drawn, setDrawn] = useState<Box | null>(null);
  const frame = useFrame(points, width);
  useDrawing(canvas, points, frame);

  const keep = (box: Box): void =>
    board.change({
      range: fixedRange(frame.msAt(box.x0), frame.msAt(box.x1)),
      minNano: Math.max(0, Math.floor(frame.nanoAt(box.y1))),
      maxNano: Math.ceil(frame.nanoAt(box.y0)),
    });
  const open = (x: number, y: number): void => {
    const near = nearest(points, frame, x, y);
    if (near !== null) board.go(`/trace/${near.traceId}`);
  };
  return (
    <div
      ref={boxRef}
      className="chart scatter"
      onPointerDown={(event) => {
        from.current = placeOf(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current !== null) setDrawn(boxOf(from.current, placeOf(event)));
      }}
      onPointerUp={(event) => {
        const start = from.current;
        from.current = null;
        setDrawn(null);
        if (start === null) return;
        const end = placeOf(event);
        const box = boxOf(start, end);
        if (box.x1 - box.x0 >= DRAG_LEAST_PX || box.y1 - box.y0 >= DRAG_LEAST_PX) keep(box);
        else open(...end);
      }}
      onPointerCancel={() => {
        from.current = null;
        setDrawn(null);
      }}
    >
      <canvas ref={canvas} role="img" aria-label={text('duration')} />
      {drawn !== null && (
        <i
          className="brush-box"
          style={{ left: drawn.x0, top: drawn.y0, width: drawn.x1 - drawn.x0, height: drawn.y1 - drawn.y0 }}
        />
      )}
    </div>
  );
}

function useFrame(points: readonly ScatterPoint[], width: number): ScatterFrame {
  const { fmt } = useWords();
  const { state } = useBoard();
  const hubNow = useHubNow();
  const span = spanOf(state.range, hubNow());
  let least = Infinity;
  let most = 0;
  for (const point of points) {
    least = Math.min(least, point.durationNano);
    most = Math.max(most, point.durationNano);
  }
  // Without points any scale will do, as long as it ends.
  const low = Math.log10(Math.max(1e3, points.length === 0 ? 1e6 : least * 0.8));
  const high = Math.log10(Math.max(most * 1.25, 10 ** low * 10));
  const [left, right, top, bottom] = [54, 12, 12, 22];
  const inner = { width: Math.max(1, width - left - right), height: HEIGHT - top - bottom };
  const zoneMs = -new Date(span.endMs).getTimezoneOffset() * 60_000;
  const times = timeTicks(span.startMs, span.endMs, Math.max(2, Math.floor(width / 130)), zoneMs);
  const precision = (times[1] ?? 0) - (times[0] ?? 0) < 60_000 ? 'second' : 'minute';
  return {
    width,
    height: HEIGHT,
    left,
    right,
    top,
    bottom,
    x: (ms) => left + ((ms - span.startMs) / (span.endMs - span.startMs)) * inner.width,
    y: (nano) => top + (1 - (Math.log10(Math.max(1, nano)) - low) / (high - low)) * inner.height,
    msAt: (x) => span.startMs + ((x - left) / inner.width) * (span.endMs - span.startMs),
    nanoAt: (y) => 10 ** (low + (1 - (y - top) / inner.height) * (high - low)),
    durations: logTicks(10 ** low, 10 ** high).map((nano) => [
      nano,
      flat(fmt.duration(nano)).replace(/\.0+(?=\D)/, ''),
    ]),
    times: times.map((ms) => [ms, fmt.clock(ms, precision)]),
  };
}

function useDrawing(
  canvas: { readonly current: HTMLCanvasElement | null },
  points: readonly ScatterPoint[],
  frame: ScatterFrame,
): void {
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    // A canvas keeps its colours when the theme turns: draw again then.
    const turn = (): void => setTheme((count) => count + 1);
    const media = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(turn);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    media.addEventListener('change', turn);
    return () => {
      observer.disconnect();
      media.removeEventListener('change', turn);
    };
  }, []);
  useEffect(() => {
    if (canvas.current !== null && frame.width > 0) drawScatter(canvas.current, points, frame, SLOW_NANO);
  }, [canvas, points, frame, theme]);
}

function nearest(
  points: readonly ScatterPoint[],
  frame: ScatterFrame,
  x: number,
  y: number,
): ScatterPoint | null {
  let best: ScatterPoint | null = null;
  let least = NEAR_PX ** 2;
  for (const point of points) {
    const distance = (frame.x(point.startUnixMs) - x) ** 2 + (frame.y(point.durationNano) - y) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

function placeOf(event: {
  clientX: number;
  clientY: number;
  currentTarget: Element;
}): readonly [number, number] {
  const box = event.currentTarget.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function boxOf([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): Box {
  return { x0: Math.min(ax, bx), y0: Math.min(ay, by), x1: Math.max(ax, bx), y1: Math.max(ay, by) };
}
