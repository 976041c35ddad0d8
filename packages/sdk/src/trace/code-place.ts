/** Places in the code, `file:line:column`, from a stack that is captured now and becomes text only if somebody asks. */

/** A stack as it was captured; reading it is what costs. */
export interface CapturedStack {
  readonly stack?: string;
}

/** The stack of the running code, not yet text. */
export function captureStack(frames: number): CapturedStack {
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames;
  Error.captureStackTrace(holder);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}

/** Undefined where nothing but Node.js, the API and this package was running. */
export function placeOf(captured: CapturedStack | undefined): string | undefined {
  const lines = framesOf(captured);
  // An application's own line says more than that of a library which it calls.
  const own = lines.find((line) => !LIBRARY.test(line)) ?? lines[0];
  return own === undefined ? undefined : placeIn(own);
}

/** The function that the event loop has called, where it is another than `placeOf`: whose caller nobody knows. */
export function entryOf(captured: CapturedStack | undefined): string | undefined {
  const lines = framesOf(captured).filter((line) => !ASYNC.test(line));
  const own = lines.filter((line) => !LIBRARY.test(line));
  const entry = own.at(-1) ?? lines.at(-1);
  const place = entry === undefined ? undefined : placeIn(entry);
  return place === placeOf(captured) ? undefined : place;
}

/** Frames of this package, of the API, and of Node.js. */
const FOREIGN =
  /[\\/](?:@aode[\\/]sdk|packages[\\/]sdk[\\/](?:src|dist))[\\/]|@opentelemetry[\\/]api|node:|<anonymous>\)?$/;
const LIBRARY = /[\\/]node_modules[\\/]/;
/** Not on the stack any more: it has called what is, some time ago. */
const ASYNC = /^\s*at async /;

function framesOf(captured: CapturedStack | undefined): string[] {
  const lines = captured?.stack?.split('\n').slice(1) ?? [];
  return lines.filter((line) => !FOREIGN.test(line));
}

/** The place of a frame: `at name (place)` or `at place`. */
function placeIn(line: string): string {
  const inner = /\(([^()]+)\)\s*$/.exec(line)?.[1] ?? line.trim().replace(/^at (?:async )?/, '');
  return inner.replace(/^file:\/\//, '');
}
