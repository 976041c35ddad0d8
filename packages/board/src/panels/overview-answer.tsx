/** The sentence of the overview, from the states of the services and the verdict about the cause. */
import type { CausesResponse } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useBoard } from '../data/board.tsx';
import { isOngoing, type ServiceState } from '../data/service-state.ts';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';
import { Answer, Bones } from './page-parts.tsx';
import { Raw } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';

export interface OverviewAnswerProps {
  readonly states: readonly ServiceState[] | undefined;
  readonly causes: CausesResponse | undefined;
}

export function OverviewAnswer({ states, causes }: OverviewAnswerProps): ReactNode {
  const { text } = useWords();
  if (states === undefined) {
    return (
      <Answer question="ovQ">
        <span className="soft">
          <Bones count={1} />
        </span>
      </Answer>
    );
  }
  if (states.length === 0) return <Answer question="ovQ">{text('none')}</Answer>;
  if (causes !== undefined && isOngoing(causes) && causes.causes.length > 0)
    return <Fault states={states} causes={causes} />;
  const failing = states.filter((each) => each.mood === 'fails' || each.mood === 'hit');
  return failing.length > 0 ? (
    <Failing states={states} failing={failing} causes={causes} />
  ) : (
    <Calm states={states} causes={causes} />
  );
}

function Fault({ states, causes }: { states: readonly ServiceState[]; causes: CausesResponse }): ReactNode {
  const { say, fmt } = useWords();
  const name = causes.causes[0]?.service ?? '';
  const blamed = states.find((each) => each.row.name === name);
  const failing = states.filter((each) => each.mood === 'fails' && each.errorShare > 0);
  const touched = states.filter((each) => each.mood !== 'fine').length;
  const since = causes.faultUnixMs === null ? '' : fmt.clock(causes.faultUnixMs);
  const service = <ServiceName name={name} />;
  const aside = say('ovAsideFault', {
    f: causes.failedTraceCount,
    n: causes.faultTraceCount,
    r: states.length - touched,
    go: <WhyLink />,
  });
  const [p95, before] = [blamed?.p95Nano ?? null, blamed?.p95BeforeNano ?? null];
  if (blamed?.mood === 'slow' && p95 !== null && before !== null) {
    return (
      <Answer question="ovQ" sign="slow" aside={aside}>
        {say('ovFaultSlow', {
          svc: service,
          t: since,
          d: flat(fmt.duration(p95)),
          e: flat(fmt.duration(before)),
          m: states.length,
        })}
      </Answer>
    );
  }
  if (failing.length === 0) {
    return (
      <Answer question="ovQ" sign="slow" aside={aside}>
        {say('ovFaultQuiet', { svc: service, t: since })}
      </Answer>
    );
  }
  return (
    <Answer question="ovQ" sign="error" aside={aside}>
      {say('ovFault', {
        n: failing.length,
        m: states.length,
        t: since,
        svc: service,
        code: <Code code={blamed?.row.topErrorCode ?? null} />,
      })}
    </Answer>
  );
}

interface FailingProps {
  readonly states: readonly ServiceState[];
  readonly failing: readonly ServiceState[];
  readonly causes: CausesResponse | undefined;
}

function Failing({ states, failing, causes }: FailingProps): ReactNode {
  const { say, text, fmt } = useWords();
  const [worst] = failing;
  if (worst === undefined) return null;
  const aside =
    causes?.state === 'calm'
      ? say('ovAsideNoStart', { go: <WhyLink /> })
      : causes === undefined
        ? null
        : text('ovAsideThin');
  return (
    <Answer question="ovQ" sign="error" aside={aside}>
      {say('ovFails', {
        n: failing.length,
        m: states.length,
        svc: <ServiceName name={worst.row.name} />,
        p: flat(fmt.percent(worst.errorShare)),
        code: <Code code={worst.row.topErrorCode} />,
      })}
    </Answer>
  );
}

function Calm({ states, causes }: OverviewAnswerProps & { states: readonly ServiceState[] }): ReactNode {
  const { say, text, fmt } = useWords();
  const requests = states.reduce((sum, each) => sum + each.row.requestCount, 0);
  const errors = states.reduce((sum, each) => sum + each.row.requestErrorCount, 0);
  const slowest = states.reduce((most, each) => ((each.p95Nano ?? 0) > (most.p95Nano ?? 0) ? each : most));
  return (
    <Answer
      question="ovQ"
      sign="ok"
      aside={
        <>
          {say('ovAsideGood', {
            e: flat(fmt.percent(requests > 0 ? errors / requests : 0)),
            p: flat(fmt.duration(slowest.p95Nano ?? 0)),
            svc: <ServiceName name={slowest.row.name} />,
          })}{' '}
          {causes?.state === 'not-enough-data' && text('ovAsideThin')}
          {causes?.state === 'fault' && causes.faultUnixMs !== null && causes.faultEndUnixMs !== null && (
            <>
              {say('ovAsideOver', {
                svc: <ServiceName name={causes.causes[0]?.service ?? ''} />,
                t: fmt.clock(causes.faultUnixMs),
                e: fmt.clock(causes.faultEndUnixMs),
                go: <WhyLink />,
              })}
            </>
          )}
        </>
      }
    >
      {say('ovGood', { m: states.length, n: requests })}
    </Answer>
  );
}

function WhyLink(): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  return (
    <Link className="go" href={board.href('/causes')}>
      {text('seeWhy')} →
    </Link>
  );
}

function Code({ code }: { code: string | null }): ReactNode {
  const { text } = useWords();
  return code === null ? (
    text('unknownCode')
  ) : (
    <span className="mono">
      <Raw text={code} max={60} />
    </span>
  );
}
