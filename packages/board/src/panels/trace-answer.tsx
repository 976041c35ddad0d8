/** What happened in this request, in one sentence with its numbers: the trace's own cause, or where its time went. */
import type { TraceCause, TraceResponse } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { criticalShares } from '../data/critical-path.ts';
import type { SpanNode, TraceTree } from '../data/trace-tree.ts';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';
import { CopyButton } from './copy-button.tsx';
import { Duration, Percent } from './figure.tsx';
import { Glyph } from './glyph.tsx';
import { Raw } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';

interface TraceAnswerProps {
  readonly trace: TraceResponse;
  readonly tree: TraceTree;
  /** Selects a span and brings it into view. */
  readonly onShow: (spanId: string) => void;
  readonly onNextError: (by: 1 | -1) => void;
}

export function TraceAnswer(props: TraceAnswerProps): ReactNode {
  const { text } = useWords();
  const { trace, tree } = props;
  const failed = tree.errorCount > 0;
  return (
    <header className="answer">
      <h1>{text('tcQ')}</h1>
      <Facts {...props} />
      <p className="sentence">
        <Glyph kind={failed ? 'error' : 'ok'} />
        {trace.cause === null ? <Fine tree={tree} /> : <Failed {...props} cause={trace.cause} />}
      </p>
    </header>
  );
}

const rootOf = (tree: TraceTree): SpanNode | undefined =>
  tree.roots.find((root) => root.row !== null) ?? tree.roots[0];

function Operation({ tree }: { tree: TraceTree }): ReactNode {
  const root = rootOf(tree);
  return (
    <span className="mono">
      <Raw text={root === undefined ? tree.traceId : root.name} max={80} />
    </span>
  );
}

function Failed({ tree, trace, cause, onShow }: TraceAnswerProps & { cause: TraceCause }): ReactNode {
  const { say, text, fmt } = useWords();
  const root = rootOf(tree);
  const node = tree.bySpanId.get(cause.spanId);
  const line = trace.logs.find((log) => log.id === cause.logId);
  const message = line?.body ?? cause.message;
  const code = root?.row?.errorCode ?? cause.code;
  const at = (
    <button type="button" className="go" title={text('goCause')} onClick={() => onShow(cause.spanId)}>
      +{flat(fmt.duration(node?.from ?? 0))}
    </button>
  );
  const holes = {
    op: <Operation tree={tree} />,
    svc: <ServiceName name={cause.service} />,
    at,
    code: <span className="mono">{code === null ? '' : <Raw text={code} max={60} />}</span>,
    msg: message === null ? '' : <span className="mono is-error">{<Raw text={message} max={160} />}</span>,
    n: tree.errorCount,
  };
  if (root?.failed === false) return say('tcHidden', holes);
  if (code === null) return say('tcFailedPlain', holes);
  return say(message === null || message === '' ? 'tcFailedAt' : 'tcFailed', holes);
}

function Fine({ tree }: { tree: TraceTree }): ReactNode {
  const { say } = useWords();
  const [first] = criticalShares(tree);
  const holes = { op: <Operation tree={tree} />, d: <Duration nano={tree.durationNano} /> };
  if (first === undefined || tree.services.length < 2) return say('tcFinePlain', holes);
  return say('tcFine', {
    ...holes,
    svc: <ServiceName name={first.service} />,
    p: <Percent share={first.share} />,
  });
}

function Facts({ trace, tree, onNextError }: TraceAnswerProps): ReactNode {
  const { say, text } = useWords();
  const board = useBoard();
  const root = rootOf(tree);
  return (
    <div className="facts">
      {root !== undefined && root.service !== '' && <ServiceName name={root.service} />}
      <span>
        <Duration nano={tree.durationNano} />
      </span>
      <span className="fact">{say('nServices', { n: tree.services.length })}</span>
      <span className="fact">{say('nSpans', { n: trace.spans.length })}</span>
      <span className="fact">{say('nLines', { n: trace.logs.length })}</span>
      {tree.errorCount > 0 && <span className="fact is-error">{say('nErrors', { n: tree.errorCount })}</span>}
      <span className="fact mono is-dim">{tree.traceId}</span>
      <span className="tools">
        {tree.errorCount > 0 && (
          <button type="button" className="tool" onClick={() => onNextError(1)}>
            {text('nextErr')} <kbd>]</kbd>
          </button>
        )}
        <CopyButton
          className="tool"
          label={text('copyLink')}
          text={() => location.origin + board.hrefKeeping(board.path)}
        >
          {text('copyLink')}
        </CopyButton>
        <a className="tool" href={`/aode/v1/traces/${tree.traceId}`} download={`${tree.traceId}.json`}>
          {text('json')}
        </a>
      </span>
    </div>
  );
}
