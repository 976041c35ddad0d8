/** The services, worst first: what is fine is dimmed. Each row opens the traces of its service. */
import type { CausesResponse, RedResponse, RedSeries } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useBoard } from '../data/board.tsx';
import {
  comparedSince,
  errorShares,
  type Mood,
  type ServiceState,
  SLOW_TIMES,
} from '../data/service-state.ts';
import { useWords } from '../words/words.tsx';
import { Duration, Percent } from './figure.tsx';
import { Glyph, type GlyphKind } from './glyph.tsx';
import { Raw, titleOf } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';
import { Spark } from './spark.tsx';

const SIGN: Readonly<Record<Mood, GlyphKind>> = { fails: 'error', hit: 'hit', slow: 'slow', fine: 'calm' };

/** Rows beyond this are reached by the service filter; a page of thousands helps nobody. */
const ROWS_MAX = 200;

export interface ServiceTableProps {
  readonly states: readonly ServiceState[];
  readonly red: RedResponse;
  readonly causes: CausesResponse | undefined;
}

export function ServiceTable({ states, red, causes }: ServiceTableProps): ReactNode {
  const { text } = useWords();
  const fault = comparedSince(causes);
  const cut =
    fault === null ? 0 : Math.max(0, Math.floor((fault - red.startUnixMs) / 1000 / red.stepSeconds));
  const seconds = (red.endUnixMs - red.startUnixMs) / 1000;
  const byName = new Map(red.series.map((each) => [each.service, each]));
  return (
    <div className={fault === null ? 'tbl t-services no-before' : 'tbl t-services'} role="table">
      <div className="tr head" role="row">
        <span role="columnheader">{text('service')}</span>
        <span role="columnheader" className="sorted">
          {text('state')}
        </span>
        <span role="columnheader" className="num">
          {text('errRate')}
        </span>
        <span role="columnheader" className="num">
          {text('p95')}
        </span>
        {fault !== null && (
          <span role="columnheader" className="num">
            {text('vsBefore')}
          </span>
        )}
        <span role="columnheader" className="num">
          {text('reqs')}
        </span>
        <span role="columnheader">{text('topCode')}</span>
      </div>
      {states.slice(0, ROWS_MAX).map((state) => (
        <Row
          key={state.row.name}
          state={state}
          series={byName.get(state.row.name)}
          cut={cut}
          perSecond={seconds > 0 ? state.row.requestCount / seconds : 0}
          compared={fault !== null}
        />
      ))}
    </div>
  );
}

interface RowProps {
  readonly state: ServiceState;
  readonly series: RedSeries | undefined;
  readonly cut: number;
  readonly perSecond: number;
  readonly compared: boolean;
}

function Row({ state, series, cut, perSecond, compared }: RowProps): ReactNode {
  const { text, fmt } = useWords();
  const board = useBoard();
  const { row, mood, errorShare } = state;
  const errors = errorShare > 0 && mood !== 'fine';
  const code = row.topErrorCode;
  return (
    <Link
      className={mood === 'fine' ? 'tr calm' : 'tr'}
      role="row"
      href={board.href('/traces', { service: row.name, error: mood === 'fine' || !errors ? null : true })}
    >
      <span role="cell">
        <ServiceName name={row.name} />
      </span>
      <span
        role="cell"
        className={mood === 'fine' ? 'state is-dim' : mood === 'slow' ? 'state is-slow' : 'state is-error'}
      >
        <Glyph kind={SIGN[mood]} />
        {text(mood)}
      </span>
      <span role="cell" className="cell-spark">
        {series !== undefined && (
          <Spark values={errorShares(series)} kind={errors ? 'bad' : null} from={cut} least={0.02} />
        )}
        <span className={errors ? 'is-error' : undefined}>
          <Percent share={errorShare} />
        </span>
      </span>
      <DurationCells state={state} series={series} cut={cut} compared={compared} />
      <span role="cell" className="num">
        {fmt.number(perSecond, perSecond < 10 ? 1 : 0)}
      </span>
      <span
        role="cell"
        className={code === null ? 'is-dim' : 'mono cut'}
        title={code === null ? undefined : titleOf(code)}
      >
        {code === null ? '–' : <Raw text={code} max={80} />}
      </span>
    </Link>
  );
}

/** P95 with its course, and how many times it is what it was before the fault. */
function DurationCells({ state, series, cut, compared }: Omit<RowProps, 'perSecond'>): ReactNode {
  const { text, fmt } = useWords();
  const { p95Nano, timesBefore } = state;
  const slow = timesBefore !== null && timesBefore >= SLOW_TIMES;
  return (
    <>
      <span role="cell" className="cell-spark">
        {series !== undefined && (
          <Spark values={series.p95Nano} kind={slow ? 'slow' : null} from={cut} least={0} />
        )}
        <span className={slow ? 'is-slow' : undefined}>
          {p95Nano === null ? '–' : <Duration nano={p95Nano} />}
        </span>
      </span>
      {compared && (
        <span role="cell" className={slow ? 'num is-slow' : 'num is-dim'}>
          {timesBefore === null
            ? '–'
            : text('times', { n: fmt.number(timesBefore, timesBefore < 10 ? 1 : 0) })}
        </span>
      )}
    </>
  );
}
