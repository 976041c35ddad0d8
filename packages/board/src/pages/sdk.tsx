/** Does telemetry arrive? One row for each process that reports on itself, with what became of all it recorded. */
import { type ReactNode, useMemo } from 'react';
import { useBoard } from '../data/board.tsx';
import { HuesScope } from '../data/hues.tsx';
import { useHubNow, useSdkHealth } from '../data/queries.ts';
import { spanOf } from '../data/range.ts';
import { type SdkState, type SdkSummary, sdkStates, sdkSummary } from '../data/sdk-state.ts';
import { Duration } from '../panels/figure.tsx';
import type { GlyphKind } from '../panels/glyph.tsx';
import { Answer, Bones, ErrorNotice, Part } from '../panels/page-parts.tsx';
import { SdkReason } from '../panels/sdk-reason.tsx';
import { FateKeys, SdkTable } from '../panels/sdk-table.tsx';
import { ServiceName } from '../panels/service-name.tsx';
import { useWords } from '../words/words.tsx';

export function SdkPage(): ReactNode {
  const { text } = useWords();
  const { state } = useBoard();
  const health = useSdkHealth(state.range);
  const hubNow = useHubNow();
  const { endMs } = spanOf(state.range, hubNow());
  const { data } = health;
  const states = useMemo(
    () => (data === undefined ? undefined : sdkStates(data, endMs, state.service)),
    [data, endMs, state.service],
  );
  if (states === undefined || data === undefined) {
    return (
      <>
        <Answer question="sdQ">
          <span className="soft">{health.isError ? '–' : <Bones count={1} />}</span>
        </Answer>
        <ErrorNotice error={health.error} />
        {!health.isError && <Bones count={8} />}
      </>
    );
  }
  if (states.length === 0) return <NoReports />;
  return (
    <HuesScope hues={data.hues}>
      <SdkAnswer summary={sdkSummary(states)} />
      <ErrorNotice error={health.error} />
      <Part title={text('sdInstances')} note={text('sdNote')} end={<FateKeys />}>
        <SdkTable states={states} />
      </Part>
    </HuesScope>
  );
}

function SdkAnswer({ summary }: { summary: SdkSummary }): ReactNode {
  const { say } = useWords();
  const { count, delivering, lost, odd, silent, worst, horizonSeconds } = summary;
  const sign: GlyphKind = odd > 0 || lost > 0 ? 'error' : silent > 0 ? 'slow' : 'ok';
  const aside =
    horizonSeconds === null
      ? say('sdAside', {})
      : say('sdAsideHorizon', { d: <Duration nano={horizonSeconds * 1e9} /> });
  return (
    <Answer question="sdQ" sign={sign} aside={aside}>
      {worst === null ? (
        say(silent > 0 ? 'sdAnswerSilent' : odd > 0 ? 'sdAnswerOdd' : 'sdAnswerGood', {
          n: delivering,
          m: count,
          s: silent,
          o: odd,
        })
      ) : (
        <Lost summary={summary} worst={worst} />
      )}
    </Answer>
  );
}

function Lost({
  summary,
  worst,
}: {
  summary: SdkSummary;
  worst: { readonly state: SdkState; readonly reason: string };
}): ReactNode {
  const { say } = useWords();
  const { lost, count } = summary;
  const losing = { n: lost, m: count, svc: <ServiceName name={worst.state.row.service} /> };
  return say('sdAnswerLost', { ...losing, why: <SdkReason reason={worst.reason} /> });
}

/** There are data, but nobody reports: what would report, and what does not. */
function NoReports(): ReactNode {
  const { text } = useWords();
  return (
    <>
      <Answer question="sdQ" sign="calm">
        {text('sdNone')}
      </Answer>
      <ul className="sdk-none">
        {(['sdNone1', 'sdNone2', 'sdNone3'] as const).map((word) => (
          <li key={word}>{text(word)}</li>
        ))}
      </ul>
    </>
  );
}
