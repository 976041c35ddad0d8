/**
 * The waterfall: spans and log lines in one virtual list on one time axis. Only the rows in the window are on the page,
 * so a hundred thousand scroll as a hundred do.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Interval } from '../data/intervals.ts';
import { linearTicks } from '../data/scale.ts';
import { isLeaf, logKey, spanKey, type TraceRow } from '../data/trace-rows.ts';
import type { TraceTree } from '../data/trace-tree.ts';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';
import { RowCells } from './waterfall-row.tsx';

/** Heights of rows, as style/pages.css and style/narrow.css have them: known beforehand, none has to be measured. */
const ROW_PX = {
  wide: { span: 26, log: 22 },
  narrow: { span: 46, log: 42 },
} as const;
const TICKS = 7;
/** A label that begins beyond this share of the lane does not end inside it. */
const LABEL_SHARE_MAX = 0.9;

/** What the page may ask of the list. */
export interface WaterfallHandle {
  /** Brings a row into the window. */
  readonly show: (key: string) => void;
}

export interface WaterfallProps {
  readonly tree: TraceTree;
  readonly rows: readonly TraceRow[];
  readonly view: Interval;
  /** Key of the selected row. */
  readonly selected: string | null;
  /** Services whose rows step back. */
  readonly dimmed: ReadonlySet<string>;
  readonly partial: boolean;
  readonly handle: RefObject<WaterfallHandle | null>;
  readonly onSelect: (row: TraceRow) => void;
  readonly onToggle: (key: string) => void;
}

export function Waterfall(props: WaterfallProps): ReactNode {
  const { text } = useWords();
  const { rows, view, handle, selected } = props;
  const list = useRef<HTMLDivElement>(null);
  const offset = useOffset(list);
  const height = ROW_PX[useIsNarrow() ? 'narrow' : 'wide'];
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (at) => (rows[at]?.kind === 'log' ? height.log : height.span),
    overscan: 16,
    scrollMargin: offset,
    getItemKey: (at) => rows[at]?.key ?? at,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  useImperativeHandle(handle, () => ({
    show(key) {
      const at = rows.findIndex((row) => row.key === key);
      if (at >= 0) virtual.scrollToIndex(at, { align: 'center' });
    },
  }));
  const shownOnce = useRef(false);
  useEffect(() => {
    // A link to a span or line opens with it in the window.
    if (shownOnce.current || selected === null || offset === 0) return;
    shownOnce.current = true;
    const at = rows.findIndex((row) => row.key === selected);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'center' });
  }, [offset, rows, selected, virtual]);
  return (
    <div
      className="wf"
      role="grid"
      aria-label={text('waterfall')}
      aria-rowcount={rows.length}
      style={{ '--tick': `${tickShare(view) * 100}%` } as CSSProperties}
    >
      <Axis view={view} />
      <div ref={list} className="virtual" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <div
              key={item.key}
              className="virtual-row"
              style={{ transform: `translateY(${item.start - offset}px)` }}
            >
              <Row {...props} row={row} index={item.index} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Where the list begins on the page; it moves when what stands above it does. */
function useOffset(list: RefObject<HTMLDivElement | null>): number {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const top = (list.current?.getBoundingClientRect().top ?? 0) + scrollY;
    setOffset((before) => (Math.abs(before - top) > 1 ? top : before));
  });
  return offset;
}

/** As the media query of style/narrow.css. */
const NARROW = '(max-width: 920px)';

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(NARROW);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(NARROW).matches,
  );
}

function serviceOf(row: TraceRow): string {
  switch (row.kind) {
    case 'log':
      return row.log.row.service;
    case 'group':
      return row.nodes[0]?.service ?? '';
    case 'gap':
      return row.gap.service ?? '';
    case 'span':
    case 'stub':
      return row.node.service;
  }
}

type WaterfallRowProps = WaterfallProps & { readonly row: TraceRow; readonly index: number };

/** Scrolling draws only the rows that come into the window: those that stay are not drawn again. */
const Row = memo(function Row({ row, index, ...props }: WaterfallRowProps): ReactNode {
  const { view, selected, dimmed, partial, onSelect, onToggle } = props;
  const classes = ['wf-row', isLeaf(row) ? row.kind : '', dimmed.has(serviceOf(row)) ? 'dimmed' : ''];
  return (
    <div
      className={classes.filter((name) => name !== '').join(' ')}
      role="row"
      aria-rowindex={index + 1}
      aria-level={row.depth + 1}
      aria-selected={row.key === selected}
      {...(isLeaf(row) ? {} : { 'aria-expanded': row.open })}
      tabIndex={row.key === selected ? 0 : -1}
      onClick={() => onSelect(row)}
      onDoubleClick={() => {
        if (!isLeaf(row)) onToggle(row.key);
      }}
    >
      <RowCells row={row} view={view} partial={partial} onToggle={onToggle} />
    </div>
  );
});

function ticksOf(view: Interval): readonly number[] {
  const length = Math.max(1, view.to - view.from);
  return linearTicks(length, TICKS).filter((tick) => tick < length);
}

/** Distance of two ticks as a share of the lane: the lines behind all rows stand under those of the axis. */
function tickShare(view: Interval): number {
  const length = Math.max(1, view.to - view.from);
  return (ticksOf(view)[1] ?? length) / length;
}

function Axis({ view }: { view: Interval }): ReactNode {
  const { fmt } = useWords();
  const length = Math.max(1, view.to - view.from);
  return (
    <div className="wf-row axis" role="presentation">
      <span className="wf-tree" />
      <span className="wf-lane">
        {ticksOf(view).map((tick) => (
          <i key={tick} className="tick" style={{ left: `${(tick / length) * 100}%` }}>
            {tick / length <= LABEL_SHARE_MAX && (
              <span>{tick === 0 && view.from === 0 ? '0' : flat(fmt.duration(view.from + tick))}</span>
            )}
          </i>
        ))}
      </span>
      <span className="wf-dur" />
    </div>
  );
}

/** Key of the row that an address names: its log line before its span. */
export function selectedKey(tree: TraceTree, spanId: string | null, logId: string | null): string | null {
  if (logId !== null) return logKey(logId);
  const node = spanId === null ? undefined : tree.bySpanId.get(spanId);
  return node === undefined ? null : spanKey(node);
}
