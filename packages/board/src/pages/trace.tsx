/** One request: what happened, its spans and log lines on one axis, and all about the span that is selected. */
import type { TraceResponse } from '@aode/wire/hub-api';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { useBoard } from '../data/board.tsx';
import { markCriticalPath } from '../data/critical-path.ts';
import { HuesScope } from '../data/hues.tsx';
import { HubFailure } from '../data/hub.ts';
import type { Interval } from '../data/intervals.ts';
import { useTrace } from '../data/queries.ts';
import { keysToShow, rowsOf, spanKey, type TraceRow } from '../data/trace-rows.ts';
import { buildTree, type SpanNode, type TraceTree } from '../data/trace-tree.ts';
import { Minimap } from '../panels/minimap.tsx';
import { Answer, Bones, ErrorNotice, Notice } from '../panels/page-parts.tsx';
import { ServiceName } from '../panels/service-name.tsx';
import { SpanPanel } from '../panels/span-panel.tsx';
import { TraceAnswer } from '../panels/trace-answer.tsx';
import { useTraceKeys } from '../panels/trace-keys.ts';
import { selectedKey, Waterfall, type WaterfallHandle } from '../panels/waterfall.tsx';
import { useWords } from '../words/words.tsx';

const NOT_FOUND = 404;

export function TracePage({ traceId }: { traceId: string }): ReactNode {
  const { text } = useWords();
  const trace = useTrace(traceId);
  if (trace.data !== undefined) return <Found trace={trace.data} />;
  if (trace.error instanceof HubFailure && trace.error.status === NOT_FOUND) {
    return (
      <Answer question="tcQ" sign="calm" aside={text('tcUnknownAside')}>
        {text('tcUnknown')}
      </Answer>
    );
  }
  return (
    <>
      <Answer question="tcQ">
        <span className="soft">{trace.isError ? '–' : <Bones count={1} />}</span>
      </Answer>
      <ErrorNotice error={trace.error} />
      {!trace.isError && <Bones count={8} />}
    </>
  );
}

function Found({ trace }: { trace: TraceResponse }): ReactNode {
  const { text } = useWords();
  const { state, change } = useBoard();
  const tree = useMemo(() => {
    const built = buildTree(trace);
    markCriticalPath(built);
    return built;
  }, [trace]);
  const [zoom, setZoom] = useState<Interval | null>(null);
  const [dimmed, setDimmed] = useState<ReadonlySet<string>>(new Set());
  const walk = useWalk(tree);
  const view = zoom ?? { from: 0, to: tree.durationNano };
  const { node } = walk;
  useTraceKeys({ ...walk, leaveZoom: zoom === null ? null : () => setZoom(null) });
  return (
    <HuesScope hues={trace.hues}>
      <div className="p-trace">
        <TraceAnswer trace={trace} tree={tree} onNextError={walk.nextError} onShow={walk.showSpan} />
        {trace.partial && (
          <Notice sign="warn">
            <span>{text('partialNote')}</span>
          </Notice>
        )}
        <Minimap tree={tree} view={view} onView={setZoom} />
        <Legend
          tree={tree}
          dimmed={dimmed}
          onDim={(service) => setDimmed((before) => toggleIn(before, service))}
          onWhole={zoom === null ? null : () => setZoom(null)}
        />
        <div className={node === undefined ? 'trace alone' : 'trace'}>
          <Waterfall
            tree={tree}
            rows={walk.rows}
            view={view}
            selected={walk.selected}
            dimmed={dimmed}
            partial={trace.partial}
            handle={walk.waterfall}
            onSelect={walk.select}
            onToggle={walk.toggle}
          />
          {node !== undefined && (
            <SpanPanel
              key={node.index}
              trace={trace}
              tree={tree}
              node={node}
              logId={state.log}
              onClose={() => change({ span: null, log: null }, true)}
            />
          )}
        </div>
      </div>
    </HuesScope>
  );
}

interface Walk {
  readonly rows: readonly TraceRow[];
  /** Key of the selected row. */
  readonly selected: string | null;
  /** Span of the selected row, or of its log line. */
  readonly node: SpanNode | undefined;
  readonly waterfall: { current: WaterfallHandle | null };
  readonly select: (row: TraceRow) => void;
  /** As `select`, but a folded group stays folded. */
  readonly stepTo: (row: TraceRow) => void;
  readonly toggle: (key: string) => void;
  readonly nextError: (by: 1 | -1) => void;
  readonly showSpan: (spanId: string) => void;
}

/** Which rows are open, which one is selected, how to get from one to another. The selection is in the address. */
function useWalk(tree: TraceTree): Walk {
  const { state, change } = useBoard();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(() => new Set(initiallyOpen(tree, state.span)));
  const waterfall = useRef<WaterfallHandle | null>(null);
  const rows = useMemo(() => rowsOf(tree, toggled), [tree, toggled]);
  const node = state.span === null ? undefined : tree.bySpanId.get(state.span);
  // A folded group has no address of its own: its selection is forgotten with the page.
  const [group, setGroup] = useState<string | null>(null);
  const toggle = (key: string): void => setToggled((before) => toggleIn(before, key));
  const stepTo = (row: TraceRow): void => {
    setGroup(row.kind === 'group' ? row.key : null);
    if (row.kind === 'log') change({ span: row.owner?.spanId ?? null, log: row.log.row.id }, true);
    else if (row.kind !== 'group') change({ span: row.node.spanId, log: null }, true);
  };
  const show = (target: SpanNode | undefined): void => {
    if (target === undefined) return;
    const keys = keysToShow(tree, target, toggled);
    if (keys.length > 0) setToggled((before) => keys.reduce(toggleIn, before));
    setGroup(null);
    change({ span: target.spanId, log: null }, true);
    // The row exists after the next drawing.
    requestAnimationFrame(() => waterfall.current?.show(spanKey(target)));
  };
  return {
    rows,
    selected: group ?? selectedKey(tree, state.span, state.log),
    node,
    waterfall,
    select: (row) => {
      stepTo(row);
      if (row.kind === 'group') toggle(row.key);
    },
    stepTo,
    toggle,
    nextError: (by) => show(errorFrom(tree, node, by)),
    showSpan: (spanId) => show(tree.bySpanId.get(spanId)),
  };
}

function toggleIn(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(key)) after.add(key);
  return after;
}

/** A link to a span inside a folded group opens the group. */
function initiallyOpen(tree: TraceTree, spanId: string | null): readonly string[] {
  const node = spanId === null ? undefined : tree.bySpanId.get(spanId);
  return node === undefined ? [] : keysToShow(tree, node, new Set());
}

/** The failed span before or after the selected one in the order of time, around the end. */
function errorFrom(tree: TraceTree, node: SpanNode | undefined, by: 1 | -1): SpanNode | undefined {
  const failed = tree.nodes
    .filter((each) => each.failed)
    .sort((a, b) => a.from - b.from || a.index - b.index);
  const at = node === undefined ? -1 : failed.indexOf(node);
  if (at < 0) return by === 1 ? failed[0] : failed.at(-1);
  return failed[(at + by + failed.length) % failed.length];
}

interface LegendProps {
  readonly tree: TraceTree;
  readonly dimmed: ReadonlySet<string>;
  readonly onDim: (service: string) => void;
  /** Leaves the zoom; null when the whole trace is shown. */
  readonly onWhole: (() => void) | null;
}

/** The services of this trace; a click lets the rows of one step back. */
function Legend({ tree, dimmed, onDim, onWhole }: LegendProps): ReactNode {
  const { text } = useWords();
  return (
    <div className="legend">
      {tree.services.map((service) => (
        <button key={service} type="button" aria-pressed={dimmed.has(service)} onClick={() => onDim(service)}>
          <ServiceName name={service} />
        </button>
      ))}
      <span className="keys">
        {onWhole !== null && (
          <button type="button" className="go" onClick={onWhole}>
            {text('wholeTrace')} <kbd>esc</kbd>
          </button>
        )}
        <span className="key">
          <i className="swatch work" />
          {text('keyWork')}
        </span>
        <span className="key">
          <i className="swatch wait" />
          {text('keyWait')}
        </span>
        <span className="key">
          <i className="swatch path" />
          {text('keyCrit')}
        </span>
      </span>
    </div>
  );
}
