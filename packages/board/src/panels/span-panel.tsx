/** Everything about the selected span: its figures, attributes in groups, events, links, its log lines. */
import type { EventRow, LinkRow, SpanRow, TraceResponse } from '@aode/wire/hub-api';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { attributeText, flatGroup, type GroupName, groupAttributes } from '../data/attribute-groups.ts';
import { useBoard } from '../data/board.tsx';
import { criticalShareOf } from '../data/critical-path.ts';
import { lengthOf } from '../data/intervals.ts';
import { nanoSince } from '../data/time.ts';
import type { SpanNode, TraceTree } from '../data/trace-tree.ts';
import type { Word } from '../words/en.ts';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';
import { AttributeList } from './attribute-list.tsx';
import { Duration, Percent } from './figure.tsx';
import { Glyph, levelGlyph } from './glyph.tsx';
import { Raw } from './raw-text.tsx';
import { Spine } from './service-name.tsx';
import { WholeText } from './whole-text.tsx';

const GROUP_WORD: Readonly<Record<GroupName, Word>> = {
  err: 'grpErr',
  net: 'grpNet',
  http: 'grpHttp',
  db: 'grpDb',
  rpc: 'grpRpc',
  msg: 'grpMsg',
  code: 'grpCode',
  other: 'grpOther',
  scope: 'grpScope',
  res: 'grpRes',
};

/** Lines and events at once; the rest stands in the waterfall. */
const LIST_MAX = 50;
/** Why a link is there takes one or two. */
const LINK_ATTRIBUTES_MAX = 4;

interface SpanPanelProps {
  readonly trace: TraceResponse;
  readonly tree: TraceTree;
  readonly node: SpanNode;
  readonly logId: string | null;
  readonly onClose: () => void;
}

export function SpanPanel({ trace, tree, node, logId, onClose }: SpanPanelProps): ReactNode {
  const { text } = useWords();
  const [find, setFind] = useState('');
  const { row } = node;
  return (
    <aside className="panel" aria-label={node.name}>
      <h2>
        <Spine service={node.service} /> <Raw text={node.service} max={80} />{' '}
        <Raw text={node.name} max={160} />
        <button
          type="button"
          className="close"
          title={text('closePanel')}
          aria-label={text('closePanel')}
          onClick={onClose}
        >
          ×
        </button>
      </h2>
      {row !== null && row.statusMessage !== '' && (
        <p className={node.failed ? 'mono is-error' : 'mono is-dim'}>
          <Raw text={row.statusMessage} max={400} />
        </p>
      )}
      <Figures node={node} />
      <Line trace={trace} logId={logId} />
      {row !== null && (
        <>
          <input
            className="find"
            type="search"
            placeholder={text('findAttr')}
            aria-label={text('findAttr')}
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
          <Attributes trace={trace} row={row} find={find} />
          <Events tree={tree} events={row.events} />
          <Links links={row.links} />
        </>
      )}
      <Lines node={node} />
      <Alike node={node} />
    </aside>
  );
}

function Figures({ node }: { node: SpanNode }): ReactNode {
  const { say, text, fmt } = useWords();
  return (
    <>
      <dl className="figures">
        <div>
          <dt>{text('duration')}</dt>
          <dd>
            <Duration nano={node.to - node.from} />
          </dd>
        </div>
        <div>
          <dt>{text('self')}</dt>
          <dd>
            <Duration nano={lengthOf(node.own)} />
          </dd>
        </div>
        <div>
          <dt>{text('start')}</dt>
          <dd>+{flat(fmt.duration(node.from))}</dd>
        </div>
      </dl>
      {node.shift > 0 && <p className="note">{say('clockShift', { d: flat(fmt.duration(node.shift)) })}</p>}
      {node.clockError > 0 && (
        <p className="note">{say('clockError', { d: flat(fmt.duration(node.clockError)) })}</p>
      )}
      <p className="note">{say('critShare', { p: <Percent share={criticalShareOf(node)} /> })}</p>
    </>
  );
}

/** The line that was chosen in the waterfall, whole. */
function Line({ trace, logId }: { trace: TraceResponse; logId: string | null }): ReactNode {
  const { text } = useWords();
  const log = logId === null ? undefined : trace.logs.find(({ id }) => id === logId);
  if (log === undefined) return null;
  const attributes = log.attributes.map(({ key, value }) => ({ key, value: attributeText(value) }));
  return (
    <section>
      <h3>{text('line')}</h3>
      <WholeText text={log.body} className={log.severityNumber >= 17 ? 'mono is-error' : 'mono'} />
      <AttributeList attributes={attributes} set="logs" />
    </section>
  );
}

function Attributes({ trace, row, find }: { trace: TraceResponse; row: SpanRow; find: string }): ReactNode {
  const { say, text } = useWords();
  const scope = [
    { key: 'otel.scope.name', type: 'string', value: row.scopeName },
    { key: 'otel.scope.version', type: 'string', value: row.scopeVersion },
    { key: 'w3c.tracestate', type: 'string', value: row.traceState },
  ] as const;
  const groups = [
    ...groupAttributes(row.attributes, find),
    ...flatGroup('res', trace.resources[row.resource]?.attributes ?? [], find),
    ...flatGroup(
      'scope',
      scope.filter(({ value }) => value !== ''),
      find,
    ),
  ];
  return (
    <>
      {groups.map(({ name, attributes }) => (
        <section key={name}>
          <h3>{text(GROUP_WORD[name])}</h3>
          <AttributeList attributes={attributes} set="traces" />
        </section>
      ))}
      {row.dropped.attributes > 0 && <p className="note">{say('droppedN', { n: row.dropped.attributes })}</p>}
    </>
  );
}

function Events({ tree, events }: { tree: TraceTree; events: readonly EventRow[] }): ReactNode {
  const { text, fmt } = useWords();
  if (events.length === 0) return null;
  return (
    <section>
      <h3>{text('events')}</h3>
      {events.slice(0, LIST_MAX).map((event, at) => (
        <details key={at}>
          <summary>
            <span className="mono is-dim">
              +{flat(fmt.duration(nanoSince(tree.startNano, event.timeUnixNano)))}
            </span>{' '}
            <Raw text={event.name} max={120} />
          </summary>
          <AttributeList
            attributes={event.attributes.map(({ key, value }) => ({ key, value: attributeText(value) }))}
            set="traces"
          />
        </details>
      ))}
    </section>
  );
}

function Links({ links }: { links: readonly LinkRow[] }): ReactNode {
  const { text } = useWords();
  if (links.length === 0) return null;
  return (
    <section>
      <h3>{text('links')}</h3>
      <ul>
        {links.slice(0, LIST_MAX).map((link, at) => (
          <li key={at}>
            <LinkTo link={link} />
            {link.attributes.slice(0, LINK_ATTRIBUTES_MAX).map(({ key, value }) => (
              <span key={key} className="note">
                {' '}
                <Raw text={`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`} max={80} />
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A link may name a trace and no span, which OTLP has no place for: then the SDK says the trace in an attribute. */
function LinkTo({ link }: { link: LinkRow }): ReactNode {
  const board = useBoard();
  const named = link.attributes.find(({ key }) => key === 'aode.link.trace_id')?.value;
  const traceId = link.traceId === '' && typeof named === 'string' ? named : link.traceId;
  if (!/^[0-9a-f]{1,32}$/.test(traceId)) return <span className="mono">–</span>;
  const span = link.spanId === '' ? null : link.spanId;
  return (
    <Link className="link mono" href={board.href(`/trace/${traceId}`, { span })}>
      {traceId.slice(0, 16)}
    </Link>
  );
}

function Lines({ node }: { node: SpanNode }): ReactNode {
  const { text, fmt } = useWords();
  const board = useBoard();
  if (node.logs.length === 0) return null;
  return (
    <section>
      <h3>{text('spanLogs')}</h3>
      <ul className="span-lines">
        {node.logs.slice(0, LIST_MAX).map(({ row, at }) => (
          <li key={row.id}>
            <Glyph kind={levelGlyph(row.severityNumber)} />{' '}
            <Link
              className="link"
              href={board.hrefKeeping(board.path, { span: node.spanId, log: row.id })}
              replace
            >
              <span className="mono is-dim">+{flat(fmt.duration(at))}</span> <Raw text={row.body} max={160} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Alike({ node }: { node: SpanNode }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  if (node.row === null) return null;
  return (
    <section>
      <h3>{text('like')}</h3>
      <Link className="link" href={board.href('/traces', { service: node.service, operation: node.name })}>
        {text('likeGo')} →
      </Link>
    </section>
  );
}
