/** Lines as a thread writes them into its ring, for tests and simulations. */
import {
  encodeLineHead,
  encodeLineIds,
  type LineFrame,
  lineFrameBytesMax,
  type LineSpace,
  wordBytesOf,
  writeLineFrame,
} from '@aode/wire';

const IDS = encodeLineIds('4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', 'r-1');
const HEAD = encodeLineHead({
  scopeName: 'test',
  scopeVersion: '',
  severityText: 'info',
  messageKey: 'msg',
  errorKey: 'err',
});

/** What a line of a ring is besides its text. */
export function lineAbout(priority: number): Omit<LineFrame, 'text' | 'number' | 'ring'> {
  return {
    ids: IDS,
    head: HEAD,
    severityNumber: 9,
    traceFlags: 1,
    sec: 1_700_000_000,
    nano: 0,
    priority,
    isCut: false,
    values: undefined,
  };
}

/** A run of one line each, in memory that held something else before. */
export function lineRun(texts: readonly string[], priority: number): LineSpace {
  const lines = texts.map((text, i) => ({ ...lineAbout(priority), nano: i, ring: 0, number: i + 1, text }));
  const room = Buffer.alloc(
    lines.reduce((sum, line) => sum + Math.ceil(lineFrameBytesMax(line) / 32) * 32, 0),
    0xa5,
  );
  const { words } = wordBytesOf(room);
  let at = 0;
  for (const line of lines) at = Math.ceil(writeLineFrame({ bytes: room, words }, at, line) / 32) * 32;
  const bytes = Buffer.from(room.subarray(0, at));
  return { bytes, words: wordBytesOf(bytes).words };
}
