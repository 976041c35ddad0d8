/**
 * One row of the waterfall: a span, a folded group of like spans, a parent that did not arrive, an answer that nobody
 * has recorded, or a log line at its moment. A bar is solid where the span works itself and pale where it waits for
 * others.
 */
import type { GapReason, TraceGap } from '@aode/wire/hub-api';
import type { CSSProperties, ReactNode } from 'react';
import { hueStyle, useHue } from '../data/hues.tsx';
import { type Interval, visibleIntervals } from '../data/intervals.ts';
import { hasBelow, isLeaf, type TraceRow } from '../data/trace-rows.ts';
import type { SpanNode } from '../data/trace-tree.ts';
import { flat } from '../words/format.ts';
import type { Word } from '../words/en.ts';
import { useWords } from '../words/words.tsx';
import { Duration } from './figure.tsx';
import { Glyph, levelGlyph } from './glyph.tsx';
import { Raw, titleOf } from './raw-text.tsx';
import { Spine } from './service-name.tsx';

/** Bars are told apart down to this share of the view: half a pixel on a wide screen. */
const GRAIN_SHARE = 1 / 2000;
/** Deeper than this the tree would leave its column; the indentation stays. */
const DEPTH_SHOWN_MAX = 18;
/** A line's text stands left of its dot when the dot is beyond this share of the lane. */
const TEXT_TURNS_AT = 0.6;

export interface RowProps {
  readonly row: TraceRow;
  readonly view: Interval;
  readonly partial: boolean;
  readonly onToggle: (key: string) => void;
}

export function RowCells(props: RowProps): ReactNode {
  const { row } = props;
  switch (row.kind) {
    case 'span':
      return <SpanCells {...props} node={row.node} />;
    case 'stub':
      return <StubCells {...props} node={row.node} />;
    case 'gap':
      return <GapCells {...props} node={row.node} gap={row.gap} />;
    case 'group':
      return <GroupCells {...props} nodes={row.nodes} />;
    case 'log':
      return <LogCells {...props} row={row} />;
  }
}

function Guides({ depth }: { depth: number }): ReactNode {
  return Array.from({ length: Math.min(depth, DEPTH_SHOWN_MAX) }, (_, at) => (
    <i key={at} className="guide" />
  ));
}

function Caret({
  row,
  below,
  onToggle,
}: {
  row: TraceRow;
  below: boolean;
  onToggle: (key: string) => void;
}): ReactNode {
  if (!below || isLeaf(row)) return <span className="caret" />;
  return (
    <button
      type="button"
      className="caret"
      tabIndex={-1}
      aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row.key);
      }}
    >
      {row.open ? '▾' : '▸'}
    </button>
  );
}

function SpanCells({ row, node, view, onToggle }: RowProps & { node: SpanNode }): ReactNode {
  const root = node.parent === null || node.parent.service !== node.service;
  return (
    <>
      <span className="wf-tree" role="gridcell">
        <Guides depth={row.depth} />
        <Caret row={row} below={hasBelow(node)} onToggle={onToggle} />
        <Spine service={node.service} />
        {root && (
          <span className="name cut" title={titleOf(node.service)}>
            <Raw text={node.service} max={60} />
          </span>
        )}
        <span className="op cut" title={titleOf(node.name)}>
          <Raw text={node.name} max={120} />
        </span>
        {node.failed && (
          <span className="fault cut">
            <Raw text={node.row?.errorCode ?? ''} max={40} />
          </span>
        )}
      </span>
      <span className="wf-lane" role="gridcell">
        <SpanBar node={node} view={view} />
      </span>
      <span className="wf-dur num" role="gridcell">
        <Duration nano={node.to - node.from} />
      </span>
    </>
  );
}

/** Left and width in per cent of the view; null when nothing of it is inside. */
function placeOf(part: Interval, view: Interval): { readonly left: string; readonly width: string } | null {
  if (part.to < view.from || part.from > view.to) return null;
  const length = Math.max(1, view.to - view.from);
  const from = Math.max(part.from, view.from);
  const to = Math.min(part.to, view.to);
  return { left: `${((from - view.from) / length) * 100}%`, width: `${((to - from) / length) * 100}%` };
}

function SpanBar({ node, view }: { node: SpanNode; view: Interval }): ReactNode {
  const hue = useHue()(node.service);
  const whole = softOf(node, view);
  const place = placeOf(whole, view);
  if (place === null) return null;
  const grain = (view.to - view.from) * GRAIN_SHARE;
  const shown = { from: Math.max(whole.from, view.from), to: Math.min(whole.to, view.to) };
  const blur = (2 * (node.from - whole.from)) / Math.max(1, whole.to - whole.from);
  const edges = blur === 0 ? {} : { '--blur': `${Math.min(0.5, blur) * 100}%` };
  return (
    <>
      <i
        className={blur === 0 ? 'bar' : 'bar soft'}
        style={{ ...place, ...hueStyle(hue), ...edges } as CSSProperties}
      >
        {visibleIntervals(node.own, view, grain).map((part) => {
          const inside = placeOf(part, shown);
          return inside === null ? null : <b key={part.from} style={inside} />;
        })}
      </i>
      {visibleIntervals(node.critical, view, grain).map((part) => {
        const line = placeOf(part, view);
        return line === null ? null : <i key={part.from} className="crit" style={line} />;
      })}
      {node.failed && node.to <= view.to && (
        <span className="cap after" style={{ left: `min(${percent(node.to, view)}, calc(100% - 16px))` }}>
          <Glyph kind="error" />
        </span>
      )}
    </>
  );
}

/** The bar with what its times may be off on both sides, where that can be seen. */
function softOf({ from, to, clockError }: SpanNode, view: Interval): Interval {
  if (clockError < (view.to - view.from) * SOFT_SHARE_MIN) return { from, to };
  return { from: from - clockError, to: to + clockError };
}

/** Below this share of the view an edge that is soft looks like one that is not. */
const SOFT_SHARE_MIN = 1 / 300;

const percent = (at: number, view: Interval): string =>
  `${((at - view.from) / Math.max(1, view.to - view.from)) * 100}%`;

function StubCells({ row, node, view, partial, onToggle }: RowProps & { node: SpanNode }): ReactNode {
  const { text } = useWords();
  const place = placeOf(node, view);
  const why = partial ? text('stubPartial') : text('stubWhy', { n: node.children.length });
  return (
    <>
      <span className="wf-tree" role="gridcell">
        <Guides depth={row.depth} />
        <Caret row={row} below={hasBelow(node)} onToggle={onToggle} />
        <span className="op cut">
          {node.reason === null || node.reason === 'unknown'
            ? text('stub')
            : text('stubLost', { why: text(REASONS[node.reason]) })}{' '}
          <span className="mono is-dim">{node.spanId}</span>
        </span>
      </span>
      <span className="wf-lane" role="gridcell">
        {place !== null && <i className="bar stub" style={place} />}
        {place !== null && (
          <span className="said is-dim" style={{ left: `calc(${place.left} + 12px)` }}>
            {why}
          </span>
        )}
      </span>
      <span className="wf-dur" role="gridcell" />
    </>
  );
}

const REASONS: Readonly<Record<GapReason, Word>> = {
  process_lost: 'gapProcessLost',
  not_sampled: 'gapNotSampled',
  out_of_horizon: 'gapOutOfHorizon',
  unknown: 'gapUnknown',
};

/** Its words stand in the first column, which narrow screens show too. */
function GapCells({ row, node, gap, view }: RowProps & { node: SpanNode; gap: TraceGap }): ReactNode {
  const { text } = useWords();
  const place = placeOf(node, view);
  const words = text('gap', { why: text(REASONS[gap.reason]) });
  return (
    <>
      <span className="wf-tree" role="gridcell">
        <Guides depth={row.depth} />
        <span className="caret" />
        {gap.service !== null && (
          <span className="name cut" title={titleOf(gap.service)}>
            <Raw text={gap.service} max={60} />
          </span>
        )}
        <span className="op cut is-dim" title={words}>
          {words}
        </span>
      </span>
      <span className="wf-lane" role="gridcell">
        {place !== null && <i className="bar stub" style={place} />}
      </span>
      <span className="wf-dur" role="gridcell" />
    </>
  );
}

function GroupCells({ row, nodes, view, onToggle }: RowProps & { nodes: readonly SpanNode[] }): ReactNode {
  const { say, fmt } = useWords();
  const hueOf = useHue();
  const [first] = nodes;
  if (first === undefined) return null;
  const whole = { from: first.from, to: nodes.reduce((to, node) => Math.max(to, node.to), first.to) };
  const lengths = nodes.map((node) => node.to - node.from);
  const least = lengths.reduce((a, b) => Math.min(a, b));
  const most = lengths.reduce((a, b) => Math.max(a, b));
  const grain = (view.to - view.from) * GRAIN_SHARE;
  return (
    <>
      <span className="wf-tree" role="gridcell">
        <Guides depth={row.depth} />
        <Caret row={row} below onToggle={onToggle} />
        <Spine service={first.service} />
        <span className="op cut" title={titleOf(first.name)}>
          {say('group', { n: nodes.length, op: <Raw text={first.name} max={100} /> })}
        </span>
      </span>
      <span className="wf-lane" role="gridcell">
        {visibleIntervals(
          nodes.toSorted((a, b) => a.from - b.from),
          view,
          grain,
        ).map((part) => {
          const place = placeOf(part, view);
          return place === null ? null : (
            <i key={part.from} className="bar" style={{ ...place, ...hueStyle(hueOf(first.service)) }}>
              <b className="full" />
            </i>
          );
        })}
        <span className="said is-dim" style={{ left: `calc(${percent(whole.to, view)} + 8px)` }}>
          {say('each', { a: flat(fmt.duration(least)), b: flat(fmt.duration(most)) })}
        </span>
      </span>
      <span className="wf-dur num" role="gridcell">
        <Duration nano={whole.to - whole.from} />
      </span>
    </>
  );
}

/** Where the text of a line begins on a narrow screen, on which it has a line of its own. */
function indent(depth: number): CSSProperties {
  return { '--in': `${Math.min(depth, DEPTH_SHOWN_MAX) * 13 + 18}px` } as CSSProperties;
}

function LogCells({ row, view }: RowProps & { row: Extract<TraceRow, { kind: 'log' }> }): ReactNode {
  const { text, fmt } = useWords();
  const { log, owner } = row;
  const glyph = levelGlyph(log.row.severityNumber);
  const share = (log.at - view.from) / Math.max(1, view.to - view.from);
  const inside = share >= 0 && share <= 1;
  const left = `${share * 100}%`;
  const tone =
    glyph === 'error' ? 'said line is-error' : glyph === 'warn' ? 'said line is-slow' : 'said line';
  const turned = share > TEXT_TURNS_AT;
  const body = log.row.body === '' ? log.row.eventName : log.row.body;
  const side: CSSProperties = turned
    ? { right: `calc(${100 - share * 100}% + 10px)`, left: 0, textAlign: 'right' }
    : { left: `calc(${left} + 10px)`, right: 0 };
  return (
    <>
      <span className="wf-tree" role="gridcell">
        <Guides depth={row.depth} />
        <span className="caret" />
        <span className="when">+{flat(fmt.duration(log.at))}</span>
        <span className="when">{text(glyph === 'error' ? 'error' : glyph === 'warn' ? 'warn' : 'info')}</span>
        {owner === null && <span className="when">{text('looseLog')}</span>}
      </span>
      <span className="wf-lane" role="gridcell">
        {inside && <i className="pin" style={{ left }} />}
        {inside && (
          <span className="moment" style={{ left }}>
            <Glyph kind={glyph} />
          </span>
        )}
        {inside && (
          <span className={tone} style={{ ...side, ...indent(row.depth) }} title={titleOf(body)}>
            <Raw text={body} max={300} />
          </span>
        )}
      </span>
      <span className="wf-dur" role="gridcell" />
    </>
  );
}
