/** Nothing has arrived yet: three lines that connect a service, and checks that turn green by themselves. */
import type { StatusResponse } from '@aode/wire/hub-api';
import { type ReactNode, useEffect, useState } from 'react';
import { every, nowMs } from '../data/clock.ts';
import { useWords } from '../words/words.tsx';
import { CopyButton } from './copy-button.tsx';
import { Glyph } from './glyph.tsx';
import { Answer, Part } from './page-parts.tsx';

const STEPS = [
  ['em1', 'npm install @aode/sdk'],
  ['em2', 'export OTEL_SERVICE_NAME=order'],
  ['em3', 'node --import @aode/sdk/register server.js'],
] as const;

export interface EmptyProps {
  readonly status: StatusResponse;
  readonly onLeave: () => void;
}

export function Empty({ status, onLeave }: EmptyProps): ReactNode {
  const { text, say } = useWords();
  const { spans, logs } = status.stored;
  const arrived = spans + logs > 0;
  return (
    <div className="empty">
      <Answer question="emQ" sign={arrived ? 'ok' : null}>
        {arrived ? say('emOk', { n: spans, m: logs }) : text('emA')}
      </Answer>
      <ol className="steps">
        {STEPS.map(([word, line], at) => (
          <li key={word}>
            <span className="n">{at + 1}</span>
            <div>
              {text(word)}
              <div className="code">
                <pre>{line}</pre>
                <CopyButton className="go" label={text('copy')} text={() => line}>
                  {text('copy')}
                </CopyButton>
              </div>
            </div>
          </li>
        ))}
      </ol>
      <Part title={text('check')}>
        <Checks status={status} />
      </Part>
      {arrived ? (
        <p>
          <button type="button" className="drop" onClick={onLeave}>
            {text('goOverview')}
          </button>
        </p>
      ) : (
        <p className="note">{text('otel')}</p>
      )}
    </div>
  );
}

function Checks({ status }: { status: StatusResponse }): ReactNode {
  const { text, fmt } = useWords();
  const [since] = useState(nowMs);
  const [now, setNow] = useState(since);
  useEffect(() => every(1_000, () => setNow(nowMs())), []);
  const checks = [
    ['ckHub', true, text('footVersion', { v: status.version })],
    ['ckSpan', status.stored.spans > 0, fmt.number(status.stored.spans)],
    ['ckLog', status.stored.logs > 0, fmt.number(status.stored.logs)],
    ['ckAligned', (status.alignment ?? 0) > 0, ''],
  ] as const;
  const waiting = checks.findIndex(([, done]) => !done);
  const waited = text('waiting', { d: `${fmt.number(Math.round((now - since) / 1000))}\u00a0s` });
  return (
    <ul className="checks" aria-live="polite">
      {checks.map(([word, done, end], at) => (
        <li key={word}>
          {done ? <Glyph kind="ok" /> : <i className={at === waiting ? 'wait now' : 'wait'} />}
          <span>{text(word)}</span>
          <span className="note">{done ? end : at === waiting ? waited : ''}</span>
        </li>
      ))}
    </ul>
  );
}
