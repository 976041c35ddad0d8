/**
 * Every failure that Aode can hand to a user, in one table. `docs/reference/errors.md` explains each code; tidy holds
 * the two against each other. Rows stand in the order of the floors, one block a package; each block is alphabetical.
 */

/** Code -> [what happened, what to do]. Both are sentences without a full stop; details travel as data. */
export const AODE_ERRORS = {
  // base
  AODE_SPAN_ID_INVALID: ['not a span id', 'pass 16 lower-case hex digits, not all zero'],
  AODE_TRACE_ID_INVALID: ['not a trace id', 'pass 32 lower-case hex digits, not all zero'],
  // wire
  AODE_OTLP_JSON_INVALID: ['not an OTLP/JSON message', 'send JSON as the OTLP specification writes it'],
  AODE_OTLP_LIMIT: ['OTLP message is beyond a limit of the decoder', 'send smaller or flatter messages'],
  AODE_OTLP_PROTOBUF_INVALID: [
    'not an OTLP protobuf message',
    'send an Export*ServiceRequest of opentelemetry.proto',
  ],
  // journal
  AODE_JOURNAL_DAMAGED: [
    'journal holds bytes that are no frames',
    'the rest of it is used; check the disk where more is named than what is torn',
  ],
  AODE_JOURNAL_IN_USE: ['journal is in use by another process', 'stop it, or choose another directory'],
  AODE_JOURNAL_UNREADABLE: ['journal cannot be read', 'check its name and its rights; it stays where it is'],
  AODE_JOURNAL_UNWRITABLE: [
    'journal cannot be written',
    'check the owner of its directory, its rights and the free space',
  ],
  AODE_JOURNAL_VERSION: [
    'journal is of another version of Aode',
    'start that version, or choose another directory',
  ],
  AODE_PROXY_INVALID: [
    'proxy cannot be used',
    'write it as http://host:port or https://host:port; requests go without it until then',
  ],
  AODE_PROXY_REFUSED: ['proxy opens no way to the receiver', 'check what it allows and its user'],
  AODE_TLS_FILE_INVALID: [
    'certificate or key cannot be used',
    'replace the file; it is read again at the next connection',
  ],
  // sdk
  AODE_AGENT_FAILED: [
    'the worker that sends telemetry could not start or has died',
    'the details say why and what works instead',
  ],
  AODE_ENDPOINT_CHANGED: [
    'telemetry goes to another endpoint',
    'look after the one that was left; a preferred one is used again when it answers',
  ],
  AODE_EXPORT_FAILED: [
    'telemetry could not be delivered',
    'if nobody answers, check that the hub runs and where it listens; otherwise the details say why',
  ],
  AODE_EXPORT_WAITING: [
    'telemetry waits on disk until the receiver is there',
    'the next process of this service sends it; start the hub',
  ],
  AODE_INSTRUMENTATION_FAILED: [
    'instrumentation does not work, the application runs without it',
    'update it, or leave it out by the option instrumentations',
  ],
  AODE_LINES_UNSENT: [
    'no SDK runs, lines of pino go to standard output',
    'start it: node --import @aode/sdk/register app.js, or startAode()',
  ],
  AODE_OPTION_INVALID: ['option has a value that it cannot have', 'see docs/reference/sdk-options.md'],
  AODE_REGISTER_FAILED: [
    'SDK could not start, the application runs without it',
    'mend what it names; report it with this line where it names nothing of yours',
  ],
  // hub
  AODE_ASK_INVALID: ['not an ask for traces', 'send what AskRequest of @aode/wire/hub-api says'],
  AODE_ASK_LIMITED: ['too many traces are asked for by hand', 'ask again in a second'],
  AODE_ASK_STREAMS_FULL: ['too many instances listen for asks', 'come again when one of them has ended'],
  AODE_CURSOR_INVALID: ['not a cursor of this list', 'start again without a cursor'],
  AODE_DATA_DAMAGED: [
    'data directory cannot be read',
    'restore it from a copy, or start with another --data',
  ],
  AODE_DATA_IN_USE: [
    'data directory is in use by another hub',
    'stop that hub, or start with another --data',
  ],
  AODE_DATA_UNWRITABLE: [
    'data directory cannot be written',
    'check its owner, its rights and the free space',
  ],
  AODE_DATA_VERSION: [
    'data directory is of another version of Aode',
    'start that version, or start with another --data',
  ],
  AODE_ENCODING_INVALID: ['request body cannot be unpacked', 'send it plain or as gzip'],
  AODE_HOST_REFUSED: [
    'request names another host or comes from another origin',
    'ask 127.0.0.1 or localhost from this machine',
  ],
  AODE_INTERNAL: ['hub failed unexpectedly', 'report it with the text of the error'],
  AODE_NOT_FOUND: ['nothing of this name', 'check the address'],
  AODE_PORT_IN_USE: ['port is in use', 'stop what listens there, or choose another port'],
  AODE_PORT_REFUSED: [
    'this user may not listen on the port',
    'choose a port from 1024 up, or 0 for a free one',
  ],
  AODE_QUERY_INVALID: [
    'question cannot be answered as it is asked',
    'ask for a shorter time or longer steps',
  ],
  AODE_QUERY_TIMEOUT: ['question took too long', 'ask for a shorter time or with more filters'],
  AODE_REQUEST_SLOW: ['request did not come in time', 'send it again, in one go'],
  AODE_REQUEST_TOO_LARGE: ['request is too large', 'send fewer records at once'],
  AODE_STORE_BUSY: ['store is at its limit', 'send it again in a second'],
  AODE_STORE_FAILED: ['store could not do it', 'check the free space; restart the hub if it stays'],
  AODE_TOKEN_INVALID: ['no header can carry this token', 'choose 1 to 512 visible ASCII characters'],
  AODE_TOKEN_REFUSED: ['the hub wants its token', 'send it as Authorization: Bearer, see AODE_TOKEN'],
  // cli
  AODE_CLI_USAGE: ['wrong use', 'see --help'],
  AODE_COMMAND_NOT_FOUND: ['no such program', 'check the name and PATH'],
  AODE_HUB_ANSWER: ['the hub refused', 'read what it says; its own log may know more'],
  AODE_HUB_UNREACHABLE: ['no hub answers', 'start one with `aode up`, or say where it is'],
  AODE_IMPORT_FILE: ['file cannot be read', 'check its name, its permissions and that it is whole'],
  AODE_IMPORT_LINE: ['line is not OTLP JSON', 'see docs/reference/cli.md for what a line may be'],
  AODE_PROBE_FAILED: [
    'the probe could not run',
    'the details say why; its whole output comes with --verbose',
  ],
  AODE_TRACE_NOT_FOUND: ['the hub has no such trace', 'check the id, or widen the time by --since'],
} as const;

export type AodeErrorCode = keyof typeof AODE_ERRORS;

/** A failure with a code from `AODE_ERRORS`; `detail` is data about it, `cause` what it came from. */
export class AodeError extends Error {
  override readonly name = 'AodeError';
  readonly code: AodeErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;
  constructor(code: AodeErrorCode, detail: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(`${AODE_ERRORS[code][0]} [${code}]`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
  }
}

/** `instanceof` lies when two copies of the package are installed; the code does not. */
export function isAodeError(e: unknown): e is AodeError {
  return (
    e instanceof Error && 'code' in e && typeof e.code === 'string' && Object.hasOwn(AODE_ERRORS, e.code)
  );
}

/**
 * The one line a user sees: `CODE: what (details) — what to do`. A detail stands behind its name, but `why` is a
 * sentence by itself. Control characters in details are made visible.
 */
export function errorLine(error: AodeError): string {
  const [what, remedy] = AODE_ERRORS[error.code];
  const detail = Object.entries(error.detail)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const text = detailText(value);
      return key === 'why' ? text : `${key} ${text}`;
    })
    .join(', ');
  return visible(`${error.code}: ${what}${detail === '' ? '' : ` (${detail})`} — ${remedy}`);
}

/** Never throws: the line about an error must not become the next one. */
function detailText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value; // Cyclic, or a getter has thrown.
  }
}

/**
 * Text of unknown origin made harmless for a terminal and a log file: control characters (C0, DEL, C1) and the
 * characters that reorder or hide text (bidi controls, zero width, line and paragraph separators) become escapes.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

const HIDDEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;
