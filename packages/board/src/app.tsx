/** The frame and the page inside it; what holds for all pages: language, colours, stale data, an empty hub. */
import type { StatusResponse } from '@aode/wire/hub-api';
import { useIsFetching } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useBoard } from './data/board.tsx';
import { isOngoing } from './data/service-state.ts';
import { HuesScope } from './data/hues.tsx';
import { useCauses, useServices, useStatus } from './data/queries.ts';
import { savedLang, saveLang } from './data/settings.ts';
import { CausesPage } from './pages/causes.tsx';
import { LogsPage } from './pages/logs.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { SdkPage } from './pages/sdk.tsx';
import { TracePage } from './pages/trace.tsx';
import { TracesPage } from './pages/traces.tsx';
import { Empty } from './panels/empty.tsx';
import { Foot, Frame, pageOf } from './panels/frame.tsx';
import { KeysDialog, useKeys } from './panels/keys.tsx';
import { Notice } from './panels/page-parts.tsx';
import { Strip } from './panels/strip.tsx';
import type { Lang } from './words/format.ts';
import { createWords, useWords, WordsProvider } from './words/words.tsx';

export function App(): ReactNode {
  const [lang, setLang] = useState<Lang>(savedLang);
  const words = useMemo(() => createWords(lang), [lang]);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  }, [lang]);
  const choose = (next: Lang): void => {
    saveLang(next);
    setLang(next);
  };
  return (
    <WordsProvider words={words}>
      <Shell onLang={choose} />
    </WordsProvider>
  );
}

function Shell({ onLang }: { onLang: (lang: Lang) => void }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const status = useStatus();
  const services = useServices(board.state.range);
  const causes = useCauses(board.state.range);
  const [help, setHelp] = useState(false);
  useKeys(help, setHelp);
  useTitle();
  const empty = useEmptiness(status.data);
  const hues = useMemo(
    () => Object.fromEntries((services.data?.services ?? []).map((row) => [row.name, row.hue])),
    [services.data],
  );
  const stale = status.isError;
  // For tests and for whoever takes pictures: nothing on this page is still on its first way.
  const waiting = useIsFetching({ predicate: ({ state }) => state.data === undefined });
  return (
    <HuesScope hues={hues}>
      <a className="skip" href="#main">
        {text('skip')}
      </a>
      <Frame faultCount={isOngoing(causes.data) ? 1 : 0} stale={stale} onLang={onLang} />
      {!empty.shown && <Strip />}
      <main id="main" className={stale ? 'page stale' : 'page'} tabIndex={-1} data-ready={waiting === 0}>
        {stale && <StaleNotice sinceMs={status.dataUpdatedAt} onRetry={() => void status.refetch()} />}
        {empty.shown && status.data !== undefined ? (
          <Empty status={status.data} onLeave={empty.leave} />
        ) : (
          <Page path={board.path} />
        )}
      </main>
      <Foot onHelp={() => setHelp(true)} />
      {help && <KeysDialog onClose={() => setHelp(false)} />}
    </HuesScope>
  );
}

function Page({ path }: { path: string }): ReactNode {
  const { text } = useWords();
  const trace = /^\/trace\/([0-9a-zA-Z]{1,64})$/.exec(path)?.[1];
  if (trace !== undefined) return <TracePage key={trace} traceId={trace.toLowerCase()} />;
  switch (pageOf(path)?.word) {
    case 'overview':
      return <OverviewPage />;
    case 'traces':
      return <TracesPage />;
    case 'logs':
      return <LogsPage />;
    case 'causes':
      return <CausesPage />;
    case 'sdk':
      return <SdkPage />;
    case undefined:
      return <p className="answer">{text('unknownPage')}</p>;
  }
}

function StaleNotice({ sinceMs, onRetry }: { sinceMs: number; onRetry: () => void }): ReactNode {
  const { text, fmt } = useWords();
  return (
    <div className="stale-notice">
      <Notice sign="slow">
        <span>{sinceMs > 0 ? text('staleNote', { t: fmt.clock(sinceMs, 'second') }) : text('deadNote')}</span>
        <button type="button" className="go" onClick={onRetry}>
          {text('retry')}
        </button>
      </Notice>
    </div>
  );
}

/** An empty hub shows how to connect, and goes on showing it when data come, until it is left. */
function useEmptiness(status: StatusResponse | undefined): {
  readonly shown: boolean;
  readonly leave: () => void;
} {
  const board = useBoard();
  const [seen, setSeen] = useState(false);
  const none = status !== undefined && status.stored.spans === 0 && status.stored.logs === 0;
  useEffect(() => {
    if (none) setSeen(true);
  }, [none]);
  return {
    shown: (none || seen) && !board.path.startsWith('/trace/'),
    leave() {
      setSeen(false);
      board.go('/');
    },
  };
}

function useTitle(): void {
  const { text, lang } = useWords();
  const { path } = useBoard();
  useEffect(() => {
    const page = pageOf(path);
    document.title = page === undefined ? 'Aode' : `${text(page.word)} · ${lang === 'zh' ? '奥德' : 'Aode'}`;
  }, [path, text, lang]);
}
