/** One request: what happened, its spans and log lines on one axis, and all about the span that is selected. */
import type { TraceResponse } from '@aode/wire/hub-api';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
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
  const [toggled, setToggled] = useState<ReadonlySet<string>>(() => new Set(initiallyOpen(tree, state.span)));
  const [zoom, setZoom] = useState<Interval | null>(null);
  const [dimmed, setDimmed] = useState<ReadonlySet<string>>(new Set());
  const waterfall = useRef<WaterfallHandle | null>(null);
  const rows = useMemo(() => rowsOf(tree, toggled), [tree, toggled]);
  const view = zoom ?? { from: 0, to: tree.durationNano };
  const node = state.span === null ? undefined : tree.bySpanId.get(state.span);
  const selected = selectedKey(tree, state.span, state.log);
  const toggle = (key: string): void => setToggled((before) => toggleIn(before, key));

  const select = (row: TraceRow): void => {
    if (row.kind === 'group') toggle(row.key);
    else if (row.kind === 'log') change({ span: row.owner?.spanId ?? null, log: row.log.row.id }, true);
    else change({ span: row.node.spanId, log: null }, true);
  };
  const show = (target: SpanNode): void => {
    const keys = keysToShow(tree, target, toggled);
    if (keys.length > 0) setToggled((before) => keys.reduce(toggleIn, before));
    change({ span: target.spanId, log: null }, true);
    // The row exists after the next drawing.
    requestAnimationFrame(() => waterfall.current?.show(spanKey(target)));
  };
  const nextError = (by: 1 | -1): void => {
    const target = errorFrom(tree, node, by);
    if (target !== undefined) show(target);
  };
  useTraceKeys({
    rows,
    selected,
    select,
    toggle,
    nextError,
    leaveZoom: zoom === null ? null : () => setZoom(null),
    waterfall,
  });
  return (
    <HuesScope hues={trace.hues}>
      <div className="p-trace">
        <TraceAnswer
          trace={trace}
          tree={tree}
          onNextError={nextError}
          onShow={(spanId) => {
            const target = tree.bySpanId.get(spanId);
            if (target !== undefined) show(target);
          }}
        />
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
        />
        <div className={node === undefined ? 'trace alone' : 'trace'}>
          <Waterfall
            tree={tree}
            rows={rows}
            view={view}
            selected={selected}
            dimmed={dimmed}
            partial={trace.partial}
            handle={waterfall}
            onSelect={select}
            onToggle={toggle}
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

interface TraceKeys {
  readonly rows: readonly TraceRow[];
  readonly selected: string | null;
  readonly select: (row: TraceRow) => void;
  readonly toggle: (key: string) => void;
  readonly nextError: (by: 1 | -1) => void;
  /** Null when the whole trace is shown. */
  readonly leaveZoom: (() => void) | null;
  readonly waterfall: { readonly current: WaterfallHandle | null };
}

/** j k rows, enter opens and closes, [ ] errors, escape leaves the zoom. Runs before the keys of all pages. */
function useTraceKeys(keys: TraceKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target instanceof Element && event.target.matches('input, select, textarea, button, summary'))
        return;
      if (handle(event.key, latest.current)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, []);
}

function handle(
  key: string,
  { rows, selected, select, toggle, nextError, leaveZoom, waterfall }: TraceKeys,
): boolean {
  const at = rows.findIndex((row) => row.key === selected);
  switch (key) {
    case 'j':
    case 'k': {
      const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + (key === 'j' ? 1 : -1)))];
      if (next === undefined) return false;
      // A group is stepped over, not opened, by walking.
      if (next.kind !== 'group') select(next);
      waterfall.current?.show(next.key);
      return true;
    }
    case 'Enter':
      if (selected === null || rows[at]?.kind === 'log') return false;
      toggle(selected);
      return true;
    case '[':
    case ']':
      nextError(key === ']' ? 1 : -1);
      return true;
    case 'Escape':
      if (leaveZoom === null) return false;
      leaveZoom();
      return true;
    default:
      return false;
  }
}

interface LegendProps {
  readonly tree: TraceTree;
  readonly dimmed: ReadonlySet<string>;
  readonly onDim: (service: string) => void;
}

/** The services of this trace; a click lets the rows of one step back. */
function Legend({ tree, dimmed, onDim }: LegendProps): ReactNode {
  const { text } = useWords();
  return (
    <div className="legend">
      {tree.services.map((service) => (
        <button key={service} type="button" aria-pressed={dimmed.has(service)} onClick={() => onDim(service)}>
          <ServiceName name={service} />
        </button>
      ))}
      <span className="keys">
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
