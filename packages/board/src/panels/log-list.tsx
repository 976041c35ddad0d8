/** Log lines, newest first, virtual. A line opens to its whole text and attributes; its trace is one step away. */
import type { LogRow } from '@aode/wire/hub-api';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { attributeText } from '../data/attribute-groups.ts';
import { useBoard } from '../data/board.tsx';
import { msOfNano } from '../data/time.ts';
import { useWords } from '../words/words.tsx';
import { AttributeList } from './attribute-list.tsx';
import { Moment } from './figure.tsx';
import { Glyph, levelGlyph } from './glyph.tsx';
import { Raw } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';
import { WholeText } from './whole-text.tsx';

export function LogList({ logs }: { logs: readonly LogRow[] }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const opened = board.state.log;
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const top = (list.current?.getBoundingClientRect().top ?? 0) + scrollY;
    setOffset((before) => (Math.abs(before - top) > 1 ? top : before));
  });
  const rows = useWindowVirtualizer({
    count: logs.length,
    estimateSize: () => 24,
    overscan: 16,
    scrollMargin: offset,
    getItemKey: (at) => logs[at]?.id ?? at,
  });
  return (
    <div className="tbl t-lines" role="table" aria-label={text('stream')} aria-rowcount={logs.length}>
      <div ref={list} className="virtual" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const log = logs[item.index];
          return log === undefined ? null : (
            <div
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              className="virtual-row"
              style={{ transform: `translateY(${item.start - offset}px)` }}
            >
              <LogItem log={log} open={log.id === opened} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const LogItem = memo(function LogItem({ log, open }: { log: LogRow; open: boolean }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const glyph = levelGlyph(log.severityNumber);
  const toggle = (): void => board.change({ log: open ? null : log.id }, true);
  return (
    <>
      <div
        className={open ? 'tr open' : 'tr'}
        role="row"
        tabIndex={0}
        aria-expanded={open}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('a') === null) toggle();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.target === event.currentTarget) toggle();
        }}
      >
        <span role="cell">
          <Moment ms={msOfNano(log.timeUnixNano)} precision="milli" />
        </span>
        <span role="cell" title={log.severityText}>
          <Glyph kind={glyph} />
          <span className="unseen">
            {text(glyph === 'error' ? 'error' : glyph === 'warn' ? 'warn' : 'info')}
          </span>
        </span>
        <span role="cell" className="cut">
          <ServiceName name={log.service} />
        </span>
        <span
          role="cell"
          className={glyph === 'error' ? 'mono cut is-error' : 'mono cut'}
          title={text('expand')}
        >
          <Raw text={log.body === '' ? log.eventName : log.body} />
        </span>
        <span role="cell" className="num">
          {log.traceId !== '' && (
            <Link
              className="link mono is-dim"
              aria-label={`${text('toTrace')} ${log.traceId}`}
              href={board.href(`/trace/${log.traceId}`, {
                span: log.spanId === '' ? null : log.spanId,
                log: log.id,
              })}
            >
              {log.traceId.slice(0, 8)}
            </Link>
          )}
        </span>
      </div>
      {open && <LogDetail log={log} />}
    </>
  );
});

function LogDetail({ log }: { log: LogRow }): ReactNode {
  return (
    <div className="log-detail">
      <WholeText text={log.body} className="mono" />
      {log.eventName !== '' && <p className="mono is-dim">{<Raw text={log.eventName} />}</p>}
      <AttributeList
        attributes={log.attributes.map((row) => ({ key: row.key, value: attributeText(row.value) }))}
        set="logs"
      />
    </div>
  );
}
