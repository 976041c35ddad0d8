/** Draws the scatter on its canvas: grid, grey dots first, then what was slow and what failed on top. */
import type { ScatterPoint } from '@aode/wire/hub-api';

export interface ScatterFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  x(ms: number): number;
  y(nano: number): number;
  msAt(x: number): number;
  nanoAt(y: number): number;
  readonly durations: readonly (readonly [nano: number, label: string])[];
  readonly times: readonly (readonly [ms: number, label: string])[];
}

export function drawScatter(
  canvas: HTMLCanvasElement,
  points: readonly ScatterPoint[],
  frame: ScatterFrame,
  slowNano: number,
): void {
  const ratio = devicePixelRatio;
  canvas.width = frame.width * ratio;
  canvas.height = frame.height * ratio;
  canvas.style.width = `${frame.width}px`;
  canvas.style.height = `${frame.height}px`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  const ink = inkOf(canvas);
  drawGrid(context, frame, ink);
  const inside = (point: ScatterPoint): boolean => {
    const x = frame.x(point.startUnixMs);
    return x >= frame.left - 1 && x <= frame.width - frame.right + 1;
  };
  const seen = points.filter(inside);
  drawFine(
    context,
    seen.filter((point) => !point.error && point.durationNano < slowNano),
    frame,
    ink('--ink-3'),
  );
  drawSlow(
    context,
    seen.filter((point) => !point.error && point.durationNano >= slowNano),
    frame,
    ink,
  );
  drawFailed(
    context,
    seen.filter((point) => point.error),
    frame,
    ink('--error'),
  );
}

type Ink = (token: string) => string;

/** A canvas knows no custom properties: the tokens are read through an element that has them. */
function inkOf(canvas: HTMLCanvasElement): Ink {
  const probe = document.createElement('i');
  canvas.parentElement?.append(probe);
  const known = new Map<string, string>();
  for (const token of ['--line', '--line-strong', '--ink-3', '--error', '--slow', '--bg']) {
    probe.style.color = `var(${token})`;
    known.set(token, getComputedStyle(probe).color);
  }
  probe.remove();
  return (token) => known.get(token) ?? '';
}

function drawGrid(context: CanvasRenderingContext2D, frame: ScatterFrame, ink: Ink): void {
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  context.fillStyle = ink('--ink-3');
  context.strokeStyle = ink('--line');
  context.textAlign = 'right';
  const end = frame.width - frame.right;
  for (const [nano, label] of frame.durations) {
    const y = Math.round(frame.y(nano)) + 0.5;
    line(context, [frame.left, y], [end, y]);
    context.fillText(label, frame.left - 8, y);
  }
  const base = frame.height - frame.bottom + 0.5;
  context.strokeStyle = ink('--line-strong');
  line(context, [frame.left, base], [end, base]);
  context.textAlign = 'center';
  for (const [ms, label] of frame.times) {
    const x = Math.round(frame.x(ms)) + 0.5;
    line(context, [x, base], [x, base + 4]);
    context.fillText(label, Math.min(x, frame.width - 28), frame.height - 9);
  }
}

type Point = readonly [x: number, y: number];

function line(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

type Points = readonly ScatterPoint[];

function drawFine(
  context: CanvasRenderingContext2D,
  points: Points,
  frame: ScatterFrame,
  colour: string,
): void {
  context.globalAlpha = 0.42;
  context.fillStyle = colour;
  for (const point of points) {
    context.beginPath();
    context.arc(frame.x(point.startUnixMs), frame.y(point.durationNano), 2.1, 0, 7);
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawSlow(context: CanvasRenderingContext2D, points: Points, frame: ScatterFrame, ink: Ink): void {
  context.fillStyle = ink('--slow');
  context.strokeStyle = ink('--bg');
  for (const point of points) {
    const [x, y] = [frame.x(point.startUnixMs), frame.y(point.durationNano)];
    context.beginPath();
    context.moveTo(x, y - 4.4);
    context.lineTo(x + 4.4, y + 3.4);
    context.lineTo(x - 4.4, y + 3.4);
    context.closePath();
    context.stroke();
    context.fill();
  }
}

function drawFailed(
  context: CanvasRenderingContext2D,
  points: Points,
  frame: ScatterFrame,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.4;
  context.globalAlpha = 0.8;
  context.beginPath();
  for (const point of points) {
    const [x, y] = [frame.x(point.startUnixMs), frame.y(point.durationNano)];
    context.moveTo(x - 2.8, y - 2.8);
    context.lineTo(x + 2.8, y + 2.8);
    context.moveTo(x + 2.8, y - 2.8);
    context.lineTo(x - 2.8, y + 2.8);
  }
  context.stroke();
  context.globalAlpha = 1;
}
