/** What broke, and who is to blame? Ranked services, each with the rows of evidence for and against it. */
import type { CausesResponse } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { HuesScope } from '../data/hues.tsx';
import { useCauses, useServices } from '../data/queries.ts';
import { LAST_MINUTES, spanOf } from '../data/range.ts';
import { EmptyRange } from '../panels/empty-range.tsx';
import { CauseRow } from '../panels/cause-row.tsx';
import { Answer, Bones, ErrorNotice, Part } from '../panels/page-parts.tsx';
import { ServiceName } from '../panels/service-name.tsx';
import { Verdict } from '../panels/verdict.tsx';
import { flat } from '../words/format.ts';
import { lastWord } from '../words/range-words.ts';
import { useWords } from '../words/words.tsx';

export function CausesPage(): ReactNode {
  const { state } = useBoard();
  const causes = useCauses(state.range);
  return (
    <>
      {causes.data === undefined ? <Waiting failed={causes.isError} /> : <Found causes={causes.data} />}
      <ErrorNotice error={causes.error} />
    </>
  );
}

function Waiting({ failed }: { failed: boolean }): ReactNode {
  return (
    <>
      <Answer question="caQ">
        <span className="soft">{failed ? '–' : <Bones count={1} />}</span>
      </Answer>
      {!failed && <Bones count={6} />}
    </>
  );
}

function Found({ causes }: { causes: CausesResponse }): ReactNode {
  const { say } = useWords();
  switch (causes.state) {
    case 'calm':
      return (
        <Answer question="caQ" sign="ok">
          {say('caCalm', { n: causes.calmTraceCount + causes.faultTraceCount, f: causes.failedTraceCount })}
        </Answer>
      );
    case 'not-enough-data':
      return <NotEnough causes={causes} />;
    case 'fault':
      return <Ranked causes={causes} />;
  }
}

function NotEnough({ causes }: { causes: CausesResponse }): ReactNode {
  const { say, text } = useWords();
  const board = useBoard();
  const span = spanOf(board.state.range, 0);
  const longer = LAST_MINUTES.find((minutes) => minutes * 60_000 > (span.endMs - span.startMs) * 1.5);
  const [word, n] = lastWord(longer ?? 0);
  const go =
    longer === undefined ? null : (
      <button
        type="button"
        className="go"
        onClick={() => board.change({ range: { kind: 'last', minutes: longer } })}
      >
        {text('caTryLast', { d: text(word, { n }) })} →
      </button>
    );
  return (
    <>
      <Answer
        question="caQ"
        sign="calm"
        aside={say('caThinAside', { n: causes.calmTraceCount, m: causes.faultTraceCount, go })}
      >
        {text('caThin')}
      </Answer>
      {causes.calmTraceCount + causes.faultTraceCount === 0 && <EmptyRange />}
    </>
  );
}

function Ranked({ causes }: { causes: CausesResponse }): ReactNode {
  const { say, text, fmt } = useWords();
  const { state } = useBoard();
  const { service } = state;
  // A score without a row that says why convinces nobody.
  const told = causes.causes.filter(({ evidence }) => evidence.length > 0);
  const [first] = told;
  const shown = service === null ? told : told.filter((cause) => cause.service === service);
  const faultMs = causes.faultUnixMs ?? causes.startUnixMs;
  const since =
    causes.faultEndUnixMs === null
      ? fmt.clock(faultMs)
      : text('over', { t: fmt.clock(faultMs), e: fmt.clock(causes.faultEndUnixMs) });
  const services = useServices(state.range).data?.services ?? [];
  const codeOf = (name: string): string | null =>
    services.find((row) => row.name === name)?.topErrorCode ?? null;
  return (
    <HuesScope hues={causes.hues}>
      <Answer
        question="caQ"
        sign={causes.faultEndUnixMs === null ? 'error' : 'calm'}
        aside={say('caCounts', {
          f: causes.failedTraceCount,
          n: causes.faultTraceCount,
          t: fmt.clock(faultMs),
          c: causes.calmTraceCount,
        })}
      >
        {first !== undefined && <Verdict cause={first} since={since} code={codeOf(first.service)} />}
      </Answer>
      <Part
        title={text('caLikely')}
        note={text('caRanked', { d: flat(fmt.duration(causes.computedMs * 1e6)) })}
      >
        {shown.map((cause) => (
          <CauseRow
            key={cause.service}
            cause={cause}
            rank={told.indexOf(cause) + 1}
            since={since}
            code={codeOf(cause.service)}
          />
        ))}
        {shown.length === 0 && service !== null && (
          <p className="none">{say('caNone', { svc: <ServiceName name={service} /> })}</p>
        )}
      </Part>
    </HuesScope>
  );
}
