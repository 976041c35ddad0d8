/** What do the logs say? Search, lines in time by level, then the lines themselves. */
import type { LogsResponse } from '@aode/wire/hub-api';
import { type ReactNode, useMemo } from 'react';
import { useBoard } from '../data/board.tsx';
import { filtersOf, levelName } from '../data/filters.ts';
import { HuesScope } from '../data/hues.tsx';
import { useHistogram, useLogList, useServices } from '../data/queries.ts';
import { SEVERITY } from '../data/search-terms.ts';
import { EmptyRange } from '../panels/empty-range.tsx';
import { Histogram } from '../panels/histogram.tsx';
import { LogList } from '../panels/log-list.tsx';
import { NoMatch } from '../panels/no-match.tsx';
import { Answer, Bones, ErrorNotice, Keys, Part } from '../panels/page-parts.tsx';
import { QueryBar } from '../panels/query-bar.tsx';
import { ServiceName } from '../panels/service-name.tsx';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';

export function LogsPage(): ReactNode {
  const { text } = useWords();
  const { state } = useBoard();
  const list = useLogList(state);
  const histogram = useHistogram(state);
  const first = list.data?.pages[0];
  const logs = useMemo(() => list.data?.pages.flatMap((page) => page.logs), [list.data]);
  const none = first !== undefined && first.totalCount === 0;
  return (
    <HuesScope hues={first?.hues ?? {}}>
      <LogsAnswer first={first} />
      <div className="query-row">
        <QueryBar set="logs" />
        <LevelPicker />
      </div>
      <ErrorNotice error={list.error ?? histogram.error} />
      {none && (filtersOf(state, 'logs').length > 0 ? <NoMatch set="logs" /> : <EmptyRange />)}
      {!none && (
        <>
          <HistogramPart state={histogram.data} />
          <Part title={text('stream')} note={text('streamNote')}>
            {logs === undefined ? <Bones count={12} /> : <LogList logs={logs} />}
            {list.hasNextPage && (
              <p className="more">
                <button
                  type="button"
                  className="drop"
                  disabled={list.isFetchingNextPage}
                  onClick={() => void list.fetchNextPage()}
                >
                  {text('more')}
                </button>
              </p>
            )}
          </Part>
        </>
      )}
    </HuesScope>
  );
}

function HistogramPart({ state }: { state: ReturnType<typeof useHistogram>['data'] }): ReactNode {
  const { text, fmt } = useWords();
  if (state === undefined) return <Bones count={3} />;
  return (
    <Part
      title={text('lines', { d: flat(fmt.duration(state.stepSeconds * 1e9)).replace(/[.,]0+(?=\D)/, '') })}
      end={
        <Keys
          keys={[
            ['error', text('error')],
            ['warn', text('warn')],
            ['info', text('other')],
          ]}
        />
      }
    >
      <Histogram data={state} />
    </Part>
  );
}

function LogsAnswer({ first }: { first: LogsResponse | undefined }): ReactNode {
  const { say, text, fmt } = useWords();
  const { state } = useBoard();
  const services = useServices(state.range);
  if (first === undefined) {
    return (
      <Answer question="lgQ">
        <Bones count={1} />
      </Answer>
    );
  }
  const { errorCount, totalCount, alignedCount } = first;
  const loudest = (services.data?.services ?? []).reduce(
    (most, row) => (row.logErrorCount > (most?.logErrorCount ?? 0) ? row : most),
    undefined as { readonly name: string; readonly logErrorCount: number } | undefined,
  );
  const aside =
    totalCount === 0 ? null : text('lgAside', { p: flat(fmt.percent(alignedCount / totalCount)) });
  if (errorCount === 0) {
    return (
      <Answer question="lgQ" sign={totalCount === 0 ? 'calm' : 'ok'} aside={aside}>
        {say('lgFine', { b: totalCount })}
      </Answer>
    );
  }
  const unfiltered = filtersOf(state, 'logs').length === 0;
  return (
    <Answer question="lgQ" sign="error" aside={aside}>
      {unfiltered && loudest !== undefined
        ? say('lgErrors', { a: errorCount, b: totalCount, svc: <ServiceName name={loudest.name} /> })
        : say('lgErrorsPlain', { a: errorCount, b: totalCount })}
    </Answer>
  );
}

const LEVELS = ['info', 'warn', 'error'] as const;

function LevelPicker(): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const { severity } = board.state;
  const chosen = levelName(severity);
  return (
    <span className="segs" role="group" aria-label={text('level')}>
      <button type="button" aria-pressed={severity === null} onClick={() => board.change({ severity: null })}>
        {text('levelAll')}
      </button>
      {LEVELS.map((level) => (
        <button
          key={level}
          type="button"
          aria-pressed={chosen === level}
          onClick={() => board.change({ severity: SEVERITY[level] ?? null })}
        >
          ≥ {text(level)}
        </button>
      ))}
    </span>
  );
}
