/**
 * A line that a logger has written as a record of the pool. It names its trace itself: most lines are kept whatever
 * becomes of their trace, and lie in chunks of their own.
 *
 *   u8 severity · u24 trace flags · u32 seconds, u32 nanoseconds · 4 × u32 trace id · 2 × u32 span id
 *   scope's name, version · severity text · key of the message · key of the error · the line
 */
import type { LogLine } from '../log/log-line.ts';
import type { RecordReader } from './record-reader.ts';
import type { RecordWriter } from './record-writer.ts';
import { writeId } from './span-record.ts';

const SECOND = 1_000_000_000n;

export function writeLine(w: RecordWriter, line: LogLine): void {
  w.word(line.severityNumber | (line.traceFlags << 8));
  w.word(Number(line.timeUnixNano / SECOND));
  w.word(Number(line.timeUnixNano % SECOND));
  writeId(w, line.traceId, 4);
  writeId(w, line.spanId, 2);
  w.name(line.scope.name);
  w.name(line.scope.version);
  w.name(line.severityText);
  w.name(line.messageKey);
  w.name(line.errorKey);
  w.text(line.text);
}

export function readLine(r: RecordReader): LogLine {
  const first = r.word();
  const timeUnixNano = r.time();
  const traceId = r.id(4);
  const spanId = r.id(2);
  const scope = { name: r.text(), version: r.text(), attributes: [], droppedAttributesCount: 0 };
  return {
    scope,
    timeUnixNano,
    severityNumber: first & 0xff,
    severityText: r.text(),
    messageKey: r.text(),
    errorKey: r.text(),
    text: r.text(),
    traceId,
    spanId,
    traceFlags: first >>> 8,
  };
}
