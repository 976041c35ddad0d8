/** Which requests went wrong? Search, every request as a point in time and duration, then the list. */
import type { ScatterResponse, TraceSummary } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { filtersOf } from '../data/filters.ts';
import { useScatter, useTraceList } from '../data/queries.ts';
import { EmptyRange } from '../panels/empty-range.tsx';
import { NoMatch } from '../panels/no-match.tsx';
import { Answer, Bones, ErrorNotice, Keys, Part } from '../panels/page-parts.tsx';
import { QueryBar } from '../panels/query-bar.tsx';
import { Scatter, SLOW_NANO } from '../panels/scatter.tsx';
import { ServiceName } from '../panels/service-name.tsx';
import { TraceList } from '../panels/trace-list.tsx';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';

export function TracesPage(): ReactNode {
  const { state } = useBoard();
  const list = useTraceList(state);
  const scatter = useScatter(state);
  const traces = list.data?.pages.flatMap((page) => page.traces);
  const { totalCount, errorCount } = list.data?.pages[0] ?? { totalCount: 0, errorCount: 0 };
  const none = traces !== undefined && totalCount === 0;
  const more = list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : null;
  return (
    <>
      <TracesAnswer traces={traces} totalCount={totalCount} errorCount={errorCount} />
      <QueryBar set="traces" />
      <ErrorNotice error={list.error ?? scatter.error} />
      {none && (filtersOf(state, 'traces').length > 0 ? <NoMatch set="traces" /> : <EmptyRange />)}
      {!none && (
        <>
          <ScatterPart scatter={scatter.data} />
          <ListPart traces={traces} totalCount={totalCount} onMore={more} />
        </>
      )}
    </>
  );
}

function ScatterPart({ scatter }: { scatter: ScatterResponse | undefined }): ReactNode {
  const { text } = useWords();
  const n = scatter?.points.length ?? 0;
  const m = scatter?.totalCount ?? 0;
  const keys = (
    <Keys
      keys={[
        ['cross', text('failed')],
        ['slow', text('over1s')],
        ['calm', text('fine')],
      ]}
    />
  );
  return (
    <Part title={text('duration')} note={text(n < m ? 'sampled' : 'dragBox', { n, m })} end={keys}>
      {scatter === undefined ? <Bones count={6} /> : <Scatter points={scatter.points} />}
    </Part>
  );
}

interface ListPartProps {
  readonly traces: readonly TraceSummary[] | undefined;
  readonly totalCount: number;
  /** Null when there is no more, and while more is on its way. */
  readonly onMore: (() => void) | null;
}

function ListPart({ traces, totalCount, onMore }: ListPartProps): ReactNode {
  const { text } = useWords();
  if (traces === undefined) {
    return (
      <Part title={text('list')} note={null}>
        <Bones count={12} />
      </Part>
    );
  }
  return (
    <Part title={text('list')} note={text('listNote', { n: traces.length, m: totalCount })}>
      <TraceList traces={traces} />
      {traces.length < totalCount && (
        <p className="more">
          <button type="button" className="drop" disabled={onMore === null} onClick={onMore ?? undefined}>
            {text('more')}
          </button>
        </p>
      )}
    </Part>
  );
}

interface TracesAnswerProps {
  readonly traces: readonly TraceSummary[] | undefined;
  readonly totalCount: number;
  readonly errorCount: number;
}

function TracesAnswer({ traces, totalCount, errorCount }: TracesAnswerProps): ReactNode {
  const { say, text, fmt } = useWords();
  if (traces === undefined) {
    return (
      <Answer question="trQ">
        <Bones count={1} />
      </Answer>
    );
  }
  if (errorCount > 0) {
    const through = sharedService(traces.filter((trace) => trace.errorCount > 0));
    return (
      <Answer question="trQ" sign="error">
        {through === null
          ? say('trFailedPlain', { a: errorCount, b: totalCount })
          : say('trFailed', {
              a: errorCount,
              b: totalCount,
              p: flat(fmt.percent(through.share)),
              svc: <ServiceName name={through.service} />,
            })}
      </Answer>
    );
  }
  const slowest = traces.reduce((most, trace) => Math.max(most, trace.durationNano), 0);
  return (
    <Answer question="trQ" sign={totalCount === 0 ? 'calm' : slowest >= SLOW_NANO ? 'slow' : 'ok'}>
      {slowest >= SLOW_NANO
        ? say('trSlow', { b: totalCount, d: flat(fmt.duration(slowest)) })
        : text('trFine', { b: totalCount })}
    </Answer>
  );
}

/** The service in which most failed traces spent most of their time, when it is most of them. */
function sharedService(
  failed: readonly TraceSummary[],
): { readonly service: string; readonly share: number } | null {
  const counts = new Map<string, number>();
  for (const trace of failed) {
    const name = trace.services[0]?.name;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [top] = [...counts].sort((a, b) => b[1] - a[1]);
  return top === undefined || top[1] / failed.length < 0.5
    ? null
    : { service: top[0], share: top[1] / failed.length };
}
