/**
 * Text that has broken other people's viewers, and one OTLP request of each signal that carries it in every field that
 * takes text: service, span, event, link, scope and resource names, attribute keys and values, trace state, status
 * messages, log bodies and severities, metric names and units, schema URLs.
 */
import { newSpanId, newTraceId, seededRandom } from '@aode/base';
import type {
  Attribute,
  LogRecord,
  Resource,
  ResourceLogs,
  ResourceMetrics,
  ResourceSpans,
  Scope,
  Span,
} from '@aode/wire';

/** If any of these runs, `window.__broken` says which. */
const SCRIPT = 'window.__broken=(window.__broken||[]).concat(document.title)';

export const HOSTILE: readonly string[] = [
  `<script>${SCRIPT}</script>`,
  `"><img src=x onerror="${SCRIPT}">`,
  `<svg/onload='${SCRIPT}'>`,
  `</textarea></style></title><script>${SCRIPT}</script>`,
  `javascript:${SCRIPT}`,
  `{{constructor.constructor('${SCRIPT}')()}}`,
  '<iframe src="http://127.0.0.1:9/"></iframe>',
  '<link rel=stylesheet href=http://127.0.0.1:9/x.css>',
  'a" onmouseover="alert(1)" style="position:fixed;inset:0',
  '\u001b[2J\u001b[31mred\u001b[0m\u001b]0;title\u0007\u001b]8;;http://127.0.0.1:9/\u0007link\u001b]8;;\u0007',
  '\u009b31m C1 control',
  '\u0000\u0001\u0008\u007f nul and friends',
  'line one\r\nline two\rline three\u2028four\u2029five',
  '\u202egnp.exe\u202c right to left override',
  '\u2066isolate without end \u2067 another',
  'zero\u200bwidth\u200djoiner\ufeffbom',
  'Z̸̨̛a̶̡l̵̢g̷̨o̴̡ '.repeat(20),
  '\ud83d\ude00'.repeat(40),
  '\ud800 lone surrogate',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  "' OR 1=1; DROP TABLE spans; --",
  '%00%0a%2e%2e%2f../../../../etc/passwd',
  '${jndi:ldap://127.0.0.1:9/x} $(touch /tmp/x) `id`',
  '=cmd|"/c calc"!A1',
  'x'.repeat(10_000),
  'no spaces here but very very long '.repeat(200).replaceAll(' ', '_'),
  '',
  ' ',
];

/** Lone surrogates cannot travel in UTF-8: they arrive as U+FFFD. */
export const arrived = (text: string): string => text.toWellFormed();

const RANDOM = seededRandom(20261124);
const now = BigInt(Date.now()) * 1_000_000n;

/** Every hostile string as key and as value; the empty key is OTLP's careless sender. */
const attributes = (text: string): Attribute[] => [
  { key: text, value: text },
  {
    key: 'nested',
    value: { entries: [{ key: text, value: [text, { entries: [{ key: text, value: text }] }] }] },
  },
  { key: 'http.request.method', value: text },
  { key: 'url.full', value: text },
  { key: 'error.type', value: text },
];

const resource = (text: string): Resource => ({
  attributes: [{ key: 'service.name', value: text }, ...attributes(text)],
  droppedAttributesCount: 0,
  entityRefs: [],
});
const scope = (text: string): Scope => ({
  name: text,
  version: text,
  attributes: attributes(text),
  droppedAttributesCount: 0,
});

interface Ids {
  readonly traceId: string;
  readonly root: string;
  readonly child: string;
}

function span(text: string, { traceId, root, child }: Ids, isRoot: boolean): Span {
  return {
    traceId,
    spanId: isRoot ? root : child,
    parentSpanId: isRoot ? '' : root,
    traceState: `x=${text}`,
    flags: 1,
    name: text,
    kind: isRoot ? 2 : 3,
    startTimeUnixNano: now,
    endTimeUnixNano: now + (isRoot ? 50_000_000n : 20_000_000n),
    attributes: attributes(text),
    droppedAttributesCount: 0,
    events: [{ timeUnixNano: now, name: text, attributes: attributes(text), droppedAttributesCount: 0 }],
    droppedEventsCount: 0,
    links: [
      {
        traceId,
        spanId: root,
        traceState: text,
        attributes: attributes(text),
        droppedAttributesCount: 0,
        flags: 0,
      },
    ],
    droppedLinksCount: 0,
    status: { code: 2, message: text },
  };
}

function line(text: string, { traceId, child }: Ids): LogRecord {
  return {
    timeUnixNano: now + 1_000_000n,
    observedTimeUnixNano: now,
    severityNumber: 17,
    severityText: text,
    body: text,
    attributes: attributes(text),
    droppedAttributesCount: 0,
    flags: 1,
    traceId,
    spanId: child,
    eventName: text,
  };
}

export interface HostileRequests {
  readonly traces: readonly ResourceSpans[];
  readonly logs: readonly ResourceLogs[];
  readonly metrics: readonly ResourceMetrics[];
  /** Trace id -> the string that fills it. */
  readonly byTrace: ReadonlyMap<string, string>;
}

/** A trace of two spans with one error line, and one metric, for each hostile string. */
export function hostileRequests(): HostileRequests {
  const rows = HOSTILE.map((text) => ({
    text: arrived(text),
    ids: { traceId: newTraceId(RANDOM), root: newSpanId(RANDOM), child: newSpanId(RANDOM) },
  }));
  const points = (text: string): ResourceMetrics => ({
    resource: resource(text),
    schemaUrl: text,
    scopeMetrics: [
      {
        scope: scope(text),
        schemaUrl: text,
        metrics: [
          {
            name: text,
            description: text,
            unit: text,
            metadata: attributes(text),
            data: {
              kind: 'gauge',
              dataPoints: [
                {
                  attributes: attributes(text),
                  startTimeUnixNano: now,
                  timeUnixNano: now,
                  flags: 0,
                  value: 1,
                  exemplars: [],
                },
              ],
            },
          },
        ],
      },
    ],
  });
  return {
    traces: rows.map(({ text, ids }) => ({
      resource: resource(text),
      schemaUrl: text,
      scopeSpans: [
        { scope: scope(text), schemaUrl: text, spans: [span(text, ids, true), span(text, ids, false)] },
      ],
    })),
    logs: rows.map(({ text, ids }) => ({
      resource: resource(text),
      schemaUrl: text,
      scopeLogs: [{ scope: scope(text), schemaUrl: text, logRecords: [line(text, ids)] }],
    })),
    metrics: rows.map(({ text }) => points(text)),
    byTrace: new Map(rows.map(({ text, ids }) => [ids.traceId, text])),
  };
}
