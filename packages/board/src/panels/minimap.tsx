/** The whole trace in 46 px: a line a span, a red tick an error. Dragging chooses what the waterfall shows. */
import type { KeyboardEvent, ReactNode } from 'react';
import { hueColour, useHue } from '../data/hues.tsx';
import type { Interval } from '../data/intervals.ts';
import type { SpanNode, TraceTree } from '../data/trace-tree.ts';
import { useWords } from '../words/words.tsx';
import { useBoxWidth } from './use-box.ts';
import { useBrush } from './use-brush.ts';

const HEIGHT = 46;
/** More lines than pixels say nothing; the longest are kept. */
const LINES_MAX = 600;
const TOP = 3;
const BOTTOM = 8;

interface MinimapProps {
  readonly tree: TraceTree;
  readonly view: Interval;
  readonly onView: (view: Interval | null) => void;
}

export function Minimap({ tree, view, onView }: MinimapProps): ReactNode {
  const { text } = useWords();
  const [box, width] = useBoxWidth<HTMLDivElement>();
  const at = (px: number): number => (Math.max(0, Math.min(width, px)) / width) * tree.durationNano;
  const brush = useBrush({
    onChoose: (from, to) => onView({ from: at(from), to: at(to) }),
    onClick: () => onView(null),
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const span = view.to - view.from;
    const share = { ArrowLeft: -0.25, ArrowRight: 0.25 }[event.key];
    if (share === undefined || span >= tree.durationNano) return;
    event.preventDefault();
    const from = Math.max(0, Math.min(tree.durationNano - span, view.from + share * span));
    onView({ from, to: from + span });
  };
  const x = (nano: number): number => (nano / tree.durationNano) * width;
  return (
    <div
      ref={box}
      className="minimap"
      role="slider"
      tabIndex={0}
      aria-label={text('minimap')}
      title={text('minimap')}
      aria-valuemin={0}
      aria-valuemax={tree.durationNano}
      aria-valuenow={view.from}
      onKeyDown={onKeyDown}
      {...brush.handlers}
    >
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Lines tree={tree} x={x} />
          <rect
            className="view"
            x={x(view.from)}
            y=".5"
            width={Math.max(2, x(view.to) - x(view.from))}
            height={HEIGHT - 1}
          />
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
  );
}

function Lines({ tree, x }: { tree: TraceTree; x: (nano: number) => number }): ReactNode {
  const hueOf = useHue();
  const spans = tree.nodes.filter((node) => node.row !== null);
  const shown =
    spans.length <= LINES_MAX
      ? spans
      : spans.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, LINES_MAX);
  const ordered = shown.toSorted((a, b) => a.from - b.from);
  const step = Math.min(3, (HEIGHT - TOP - BOTTOM) / Math.max(1, ordered.length));
  const y = (place: number): number => TOP + place * step;
  return (
    <>
      {ordered.map((node: SpanNode, place) => (
        <line
          key={node.index}
          x1={x(node.from)}
          x2={Math.max(x(node.from) + 1, x(node.to))}
          y1={y(place)}
          y2={y(place)}
          stroke={hueColour(hueOf(node.service))}
          strokeWidth="1.5"
        />
      ))}
      {shown
        .filter((node) => node.failed)
        .map((node) => (
          <line
            key={`e${node.index}`}
            x1={x(node.to)}
            x2={x(node.to)}
            y1={HEIGHT - 6}
            y2={HEIGHT}
            stroke="var(--error)"
            strokeWidth="2"
          />
        ))}
    </>
  );
}
