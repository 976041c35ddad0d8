/**
 * A line that is kept only if its trace is, as a record of the pool. All others go through a ring (log/line-ring.ts).
 *
 *   u8 severity · u24 trace flags · u32 seconds, u32 nanoseconds · 4 × u32 trace id · 2 × u32 span id
 *   scope's name, version · severity text · key of the message · key of the error · the line
 */
import type { LogLine } from '../log/log-line.ts';
import type { RecordReader } from './record-reader.ts';
import type { RecordWriter } from './record-writer.ts';

export function writeLine(w: RecordWriter, line: LogLine): void {
  const { head } = line;
  w.word(head.severityNumber | (line.traceFlags << 8));
  w.word(line.sec);
  w.word(line.nano);
  w.ids(line.traceId, line.spanId);
  w.lineHead(head);
  w.text(line.text);
}

export function readLine(r: RecordReader): LogLine {
  const first = r.word();
  const sec = r.word();
  const nano = r.word();
  const traceId = r.id(4);
  const spanId = r.id(2);
  const head = r.lineHead(first & 0xff);
  return { head, sec, nano, text: r.text(), traceId, spanId, requestId: '', traceFlags: first >>> 8 };
}
