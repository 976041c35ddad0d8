/** One instance in full: both ledgers as they add up, line by line, and what is known of the process. */
import type { SdkInstance, SdkLedger as Ledger } from '@aode/wire/hub-api';
import { type ReactNode, useId } from 'react';
import type { Counts } from '../data/sdk-state.ts';
import { msOfNano } from '../data/time.ts';
import { flat } from '../words/format.ts';
import type { Word } from '../words/en.ts';
import { useWords } from '../words/words.tsx';
import { Duration, Moment, Percent } from './figure.tsx';
import { Glyph } from './glyph.tsx';
import { Raw } from './raw-text.tsx';
import { SdkReason } from './sdk-reason.tsx';

export function SdkDetail({ row }: { row: SdkInstance }): ReactNode {
  return (
    <div className="sdk-detail">
      <SdkLedger title="sdSpans" ledger={row.spans} hasEnds />
      <SdkLedger title="sdLines" ledger={row.lines} hasEnds={false} />
      <Facts row={row} />
    </div>
  );
}

interface LedgerProps {
  readonly title: Word;
  readonly ledger: Ledger;
  /** Lines end when they begin, so nothing is said of that. */
  readonly hasEnds: boolean;
}

function SdkLedger({ title, ledger, hasEnds }: LedgerProps): ReactNode {
  const { text } = useWords();
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <table className="ledger">
        <thead>
          <tr>
            <th id={id} scope="col">
              {text(title)}
            </th>
            <th scope="col">{text('sdInRange')}</th>
            <th scope="col">{text('sdSinceStart')}</th>
          </tr>
        </thead>
        <tbody>
          <Line total word="sdStarted" count={ledger.started} />
          {hasEnds && (
            <>
              <Line sign="−" word="sdOpen" now={ledger.open} />
              <Line total word="sdEnded" count={ledger.ended} />
            </>
          )}
          <Line sign="−" word="sdEvicted" count={ledger.evicted} />
          <Line sign="−" word="sdUndecided" now={ledger.undecided} />
          <LostLines counts={ledger.droppedBefore} />
          <Line total word="sdKept" count={ledger.kept} />
          <Line sign="−" word="sdWaiting" now={ledger.waiting} />
          <LostLines counts={ledger.dropped} />
          <Line total word="sdDelivered" count={ledger.delivered} />
        </tbody>
      </table>
    </section>
  );
}

function LostLines({ counts }: { counts: Counts }): ReactNode {
  return Object.entries(counts).map(([reason, count]) => (
    <Line key={reason} sign="−" reason={reason} count={count} />
  ));
}

interface LineProps {
  /** What is left so far. */
  readonly total?: boolean;
  readonly sign?: string;
  readonly word?: Word;
  readonly reason?: string;
  readonly count?: { readonly total: number; readonly inRange: number };
  /** Of the last report; there is no such number for a range. */
  readonly now?: number;
}

function Line(props: LineProps): ReactNode {
  const { fmt } = useWords();
  const { count } = props;
  return (
    <tr className={lookOf(props)}>
      <th scope="row">
        <LineName {...props} />
      </th>
      <td>{count === undefined ? '' : fmt.number(count.inRange)}</td>
      <td>{fmt.number(amountOf(props))}</td>
    </tr>
  );
}

const amountOf = ({ now, count }: LineProps): number => now ?? count?.total ?? 0;

function lookOf(props: LineProps): string | undefined {
  if (props.total === true) return 'total';
  if (amountOf(props) === 0) return 'is-dim';
  return props.reason === undefined ? undefined : 'is-error';
}

/** The first line is the beginning and stands without a sign. */
function LineName({ sign = '=', word, reason }: LineProps): ReactNode {
  const { text } = useWords();
  return (
    <>
      <i aria-hidden="true">{word === 'sdStarted' ? '' : sign}</i>
      {word !== undefined && text(word)}
      {reason !== undefined && (
        <>
          <Glyph kind="cross" /> <SdkReason reason={reason} />
        </>
      )}
    </>
  );
}

function Facts({ row }: { row: SdkInstance }): ReactNode {
  const { text, say, fmt } = useWords();
  const used = row.chunkCount > 0 ? 1 - row.chunksFree / row.chunkCount : 0;
  const problems = Object.entries(row.problems);
  return (
    <section className="sdk-facts">
      <p className={row.addsUp ? 'state' : 'state is-error'}>
        <Glyph kind={row.addsUp ? 'ok' : 'error'} />
        {text(row.addsUp ? 'sdAddsUp' : 'sdAddsNot')}
      </p>
      {problems.length > 0 && (
        <>
          <h3>{text('sdProblems')}</h3>
          <ul>
            {problems.map(([reason, { total, inRange }]) => (
              <li key={reason}>
                <b className="num">{fmt.number(total)}</b>
                <span>
                  <SdkReason reason={reason} />
                  {inRange > 0 && inRange < total && (
                    <span className="is-dim"> · {text('sdNew', { n: fmt.number(inRange) })}</span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <dl>
        <Fact word="sdInstance">
          <span className="mono">
            <Raw text={row.instanceId} max={128} />
          </span>
        </Fact>
        <Fact word="sdProcess">
          <Raw text={`${row.hostName} · ${row.processId}`} max={128} />
        </Fact>
        <Fact word="sdRuntime">
          <Raw text={`${row.runtime} · ${text('footVersion', { v: row.sdkVersion })}`} max={128} />
        </Fact>
        {row.agent !== null && (
          <Fact word="sdAgent">{text(row.agent === 'worker' ? 'sdWorker' : 'sdInline')}</Fact>
        )}
        <Fact word="sdSince">
          <Moment ms={msOfNano(row.startedUnixNano)} />
        </Fact>
        <Fact word="sdMemory">
          {row.horizonSeconds === null
            ? text('sdMemoryUsed', { p: flat(fmt.percent(used)) })
            : say('sdMemoryBack', {
                p: flat(fmt.percent(used)),
                d: <Duration nano={row.horizonSeconds * 1e9} />,
              })}
        </Fact>
        {row.samplingProbability !== null && (
          <Fact word="sdSampling">
            <Percent share={row.samplingProbability} />
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ word, children }: { word: Word; children: ReactNode }): ReactNode {
  const { text } = useWords();
  return (
    <div>
      <dt>{text(word)}</dt>
      <dd>{children}</dd>
    </div>
  );
}
