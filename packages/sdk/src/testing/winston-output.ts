/** winston whose output a test can read, plain or patched. */
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import type * as Winston from 'winston';
import { NestedLines } from '../log/nested-lines.ts';
import { patchWinston } from '../log/winston.ts';
import type { LineRecorder } from './line-recorder.ts';

export const winston = createRequire(import.meta.url)('winston') as typeof Winston;
const { format } = winston;

type Options = Winston.LoggerOptions;
export type Make = (
  options?: Options,
  transport?: Partial<Winston.transports.StreamTransportOptions>,
) => Winston.Logger;

interface Output {
  readonly make: Make;
  /** What the transports have written. */
  readonly text: () => string;
}

/** `before` is a format that runs before the logger's own. */
export function output(before?: Winston.Logform.Format): Output {
  let text = '';
  const stream = new Writable({
    write(part: Buffer, _, done) {
      text += part.toString();
      done();
    },
  });
  const make: Make = (options = {}, transport = {}) =>
    winston.createLogger({
      transports: [new winston.transports.Stream({ stream, eol: '\n', ...transport })],
      ...options,
      ...(before === undefined ? {} : { format: format.combine(before, options.format ?? format.json()) }),
    });
  return { make, text: () => text };
}

export function patched(recorder: LineRecorder, nested: NestedLines = new NestedLines()): Disposable {
  return patchWinston(winston, { lines: recorder.writer, nested });
}
