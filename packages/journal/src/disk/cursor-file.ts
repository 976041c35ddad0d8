/**
 * How far a journal has been acknowledged: the file `cursor`, two places of 512 bytes that are written in turn, so that
 * one of them is whole whenever a write is torn. It may lag: what lies before it is then read, and sent, once more.
 */
import { join } from 'node:path';
import { isFrameWhole, readFrameHeader, writeFrame } from '@aode/wire';
import type { Files, OpenFile } from './files.ts';

export interface Cursor {
  /** Which opening of the journal has written it. */
  readonly epoch: number;
  /** Everything up to this sequence is settled. */
  readonly acknowledged: number;
  /** At least so far have sequences been given out. */
  readonly appended: number;
}

/** What a disk writes in one piece. */
const PLACE_BYTES = 512;
const PAYLOAD_BYTES = 20;
/** Any number that is no segment's by intent: the file is known by its name. */
const SALT = 0x43555253;

const NEW: Cursor = { epoch: 0, acknowledged: 0, appended: 0 };

export class CursorFile {
  readonly #file: OpenFile;
  #generation: number;
  #isUnsynced = false;

  constructor(file: OpenFile, generation: number) {
    this.#file = file;
    this.#generation = generation;
  }

  /** Without `sync` it survives the end of the process, not that of the machine. */
  write({ epoch, acknowledged, appended }: Cursor): void {
    const payload = new Uint8Array(PAYLOAD_BYTES);
    const view = new DataView(payload.buffer);
    view.setBigUint64(0, BigInt(acknowledged), true);
    view.setBigUint64(8, BigInt(appended), true);
    view.setUint32(16, epoch, true);
    const place = new Uint8Array(PLACE_BYTES);
    const generation = this.#generation + 1;
    writeFrame(place, 0, { kind: 'cursor', sequence: generation, payload }, SALT);
    this.#isUnsynced = true;
    this.#file.write(place, (generation % 2) * PLACE_BYTES);
    this.#generation = generation;
  }

  sync(): void {
    if (!this.#isUnsynced) return;
    this.#file.sync();
    this.#isUnsynced = false;
  }

  close(): void {
    this.#file.close();
  }
}

/** Opens or makes the file. Throws what the file system throws. */
export function openCursor(
  files: Files,
  directory: string,
): { readonly file: CursorFile; readonly cursor: Cursor } {
  const path = join(directory, CURSOR_FILE_NAME);
  const isThere = files.list(directory).includes(CURSOR_FILE_NAME);
  const file = isThere ? files.open(path) : files.create(path);
  const { cursor, generation } = readCursor(file);
  return { file: new CursorFile(file, generation), cursor };
}

/** Of a journal that is only looked at. A new journal's where there is none. */
export function readCursorFile(files: Files, directory: string): Cursor {
  if (!files.list(directory).includes(CURSOR_FILE_NAME)) return NEW;
  const file = files.openToRead(join(directory, CURSOR_FILE_NAME));
  try {
    return readCursor(file).cursor;
  } finally {
    file.close();
  }
}

export const CURSOR_FILE_NAME = 'cursor';

/** The newer of the two places that is whole; a new journal's where neither is. */
function readCursor(file: OpenFile): { readonly cursor: Cursor; readonly generation: number } {
  const bytes = new Uint8Array(2 * PLACE_BYTES);
  file.read(bytes, 0);
  let newest = { cursor: NEW, generation: 0 };
  for (const at of [0, PLACE_BYTES]) {
    const header = readFrameHeader(bytes, at, SALT);
    if (
      header?.kind !== 'cursor' ||
      header.payloadBytes !== PAYLOAD_BYTES ||
      !isFrameWhole(bytes, at, header)
    )
      continue;
    if (header.sequence <= newest.generation) continue;
    const view = new DataView(bytes.buffer, at + header.payloadOffset, PAYLOAD_BYTES);
    const cursor = {
      acknowledged: Number(view.getBigUint64(0, true)),
      appended: Number(view.getBigUint64(8, true)),
      epoch: view.getUint32(16, true),
    };
    newest = { cursor, generation: header.sequence };
  }
  return newest;
}
