/** Traces, newest first: what failed or was slow stands out, the rest is dimmed. Virtual: thousands may be loaded. */
import type { TraceSummary } from '@aode/wire/hub-api';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useBoard } from '../data/board.tsx';
import { hueStyle, useHue } from '../data/hues.tsx';
import { msOfNano } from '../data/time.ts';
import { useWords } from '../words/words.tsx';
import { Duration, Moment } from './figure.tsx';
import { Glyph } from './glyph.tsx';
import { Raw, titleOf } from './raw-text.tsx';
import { SLOW_NANO } from './scatter.tsx';
import { ServiceName } from './service-name.tsx';

const HEAD = [
  ['time', ''],
  ['request', ''],
  ['where', ''],
  ['spans', 'num'],
  ['logsN', 'num'],
  ['errorsN', 'num'],
  ['duration', 'num'],
] as const;

export function TraceList({ traces }: { traces: readonly TraceSummary[] }): ReactNode {
  const { text } = useWords();
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const top = (list.current?.getBoundingClientRect().top ?? 0) + scrollY;
    setOffset((before) => (Math.abs(before - top) > 1 ? top : before));
  });
  const rows = useWindowVirtualizer({
    count: traces.length,
    estimateSize: () => 28,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (at) => traces[at]?.traceId ?? at,
  });
  const most = traces.reduce((top, trace) => Math.max(top, trace.durationNano), 0);
  const least = traces.reduce((low, trace) => Math.min(low, trace.durationNano), Infinity);
  return (
    <div className="tbl t-traces" role="table" aria-rowcount={traces.length + 1}>
      <div className="tr head" role="row">
        {HEAD.map(([word, name]) => (
          <span key={word} role="columnheader" className={name}>
            {text(word)}
          </span>
        ))}
      </div>
      <div ref={list} className="virtual" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const trace = traces[item.index];
          return trace === undefined ? null : (
            <div
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              className="virtual-row"
              style={{ transform: `translateY(${item.start - offset}px)` }}
            >
              <TraceItem
                trace={trace}
                share={durationShare(trace.durationNano, least, most)}
                at={item.index + 2}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Length of the bar on a logarithmic scale, so that 20 ms and 2 s are both seen. */
function durationShare(nano: number, least: number, most: number): number {
  const low = Math.log10(Math.max(1, least / 2));
  const high = Math.log10(Math.max(10, most));
  return high <= low ? 1 : Math.max(0.02, (Math.log10(Math.max(1, nano)) - low) / (high - low));
}

interface TraceItemProps {
  readonly trace: TraceSummary;
  readonly share: number;
  readonly at: number;
}

const TraceItem = memo(function TraceItem({ trace, share, at }: TraceItemProps): ReactNode {
  const { fmt } = useWords();
  const board = useBoard();
  const failed = trace.errorCount > 0;
  const slow = !failed && trace.durationNano >= SLOW_NANO;
  const tone = failed ? 'is-error' : slow ? 'is-slow' : '';
  return (
    <Link
      className={failed || slow ? 'tr' : 'tr calm'}
      role="row"
      aria-rowindex={at}
      href={board.hrefKeeping(`/trace/${trace.traceId}`, { span: null, log: null })}
    >
      <span role="cell">
        <Moment ms={msOfNano(trace.startUnixNano)} />
      </span>
      <span role="cell" className="cut" title={titleOf(`${trace.rootService} ${trace.rootName}`)}>
        <ServiceName name={trace.rootService} />{' '}
        <span className="is-dim">
          <Raw text={trace.rootName} max={160} />
        </span>
      </span>
      <span role="cell">
        <Mix trace={trace} />
      </span>
      <span role="cell" className="num">
        {fmt.number(trace.spanCount)}
      </span>
      <span role="cell" className="num">
        {fmt.number(trace.logCount)}
      </span>
      <span role="cell" className={failed ? 'num is-error' : 'num is-dim'}>
        {failed ? (
          <>
            <Glyph kind="error" /> {fmt.number(trace.errorCount)}
          </>
        ) : (
          '–'
        )}
      </span>
      <span role="cell" className="durbar">
        <i className={failed ? 'err' : slow ? 'slow' : undefined} style={{ width: `${share * 100}%` }} />
        <span className={`num ${tone}`}>
          <Duration nano={trace.durationNano} />
        </span>
      </span>
    </Link>
  );
});

/** More slices than this are thinner than a pixel. */
const MIX_MAX = 16;

function Mix({ trace }: { trace: TraceSummary }): ReactNode {
  const hue = useHue();
  const { fmt } = useWords();
  const whole = trace.services.reduce((sum, service) => sum + service.selfNano, 0) || 1;
  const slices = trace.services.slice(0, MIX_MAX);
  const title = slices
    .map(({ name, selfNano }) => `${name} ${fmt.percent(selfNano / whole).value} %`)
    .join(', ');
  return (
    <span className="mix" title={titleOf(title)}>
      {slices.map(({ name, selfNano }) => (
        <i
          key={name}
          style={{ ...hueStyle(hue(name)), flexGrow: Math.max(selfNano / whole, 0.004), flexBasis: 0 }}
        />
      ))}
    </span>
  );
}
