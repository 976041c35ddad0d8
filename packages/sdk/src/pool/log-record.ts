/**
 * A record of OpenTelemetry's Logs API in the pool: unlike the line of a logger (line-record.ts) it has its body and
 * its attributes as values.
 *
 *   u8 severity · u24 trace flags · time · observed time · 4 × u32 trace id · 2 × u32 span id · scope's name, version
 *   severity text · name of the event · u32 dropped attributes · attributes · body
 */
import type { LogLine } from '../log/log-line.ts';
import type { EmittedLog } from '../log/logger-provider.ts';
import { writeLine } from './line-record.ts';
import type { RecordReader } from './record-reader.ts';
import type { RecordWriter } from './record-writer.ts';
import { writeId } from './span-record.ts';

const SECOND = 1_000_000_000n;

/** Whichever of the two it is. */
export function writeAnyLine(w: RecordWriter, line: LogLine | EmittedLog): void {
  if ('record' in line) writeLogRecord(w, line);
  else writeLine(w, line);
}

function writeLogRecord(w: RecordWriter, { scope, record }: EmittedLog): void {
  w.word((record.severityNumber | (record.flags << 8)) >>> 0);
  writeTime(w, record.timeUnixNano);
  writeTime(w, record.observedTimeUnixNano);
  writeId(w, record.traceId, 4);
  writeId(w, record.spanId, 2);
  w.name(scope.name);
  w.name(scope.version);
  w.name(record.severityText);
  w.name(record.eventName);
  w.word(record.droppedAttributesCount);
  w.attributeList(record.attributes);
  w.value(record.body);
}

function writeTime(w: RecordWriter, time: bigint): void {
  w.word(Number(time / SECOND));
  w.word(Number(time % SECOND));
}

export function readLogRecord(r: RecordReader): EmittedLog {
  const first = r.word();
  const timeUnixNano = r.time();
  const observedTimeUnixNano = r.time();
  const traceId = r.id(4);
  const spanId = r.id(2);
  const scope = { name: r.text(), version: r.text(), attributes: [], droppedAttributesCount: 0 };
  const severityText = r.text();
  const eventName = r.text();
  const droppedAttributesCount = r.word();
  const attributes = r.attributes();
  const body = r.value();
  const record = {
    timeUnixNano,
    observedTimeUnixNano,
    severityNumber: first & 0xff,
    severityText,
    body,
    attributes,
    droppedAttributesCount,
    flags: first >>> 8,
    traceId,
    spanId,
    eventName,
  };
  return { scope, record };
}
