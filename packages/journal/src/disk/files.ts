/**
 * What a journal asks of a file system, so that tests can put one under it that forgets, tears and fails. Everything
 * blocks its thread, which is the agent's as a rule. Failures are thrown as Node.js throws them, with a `code`.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  fstatSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface OpenFile {
  /** Writes all of `bytes` at `at`, or throws and may have written a part. */
  write(bytes: Uint8Array, at: number): void;
  /** Reads up to `into.byteLength` bytes from `at`; returns how many there were. */
  read(into: Uint8Array, at: number): number;
  /** The contents, and the length that is needed to read them, are on stable storage once this returns. */
  sync(): void;
  size(): number;
  close(): void;
}

export interface Files {
  /** A new empty file; throws EEXIST where there is one. */
  create(path: string): OpenFile;
  /** An existing one, to read and write. */
  open(path: string): OpenFile;
  /** An existing one, to read. */
  openToRead(path: string): OpenFile;
  /** Bytes of an existing file; undefined for a directory, a pipe, a link or whatever else has a name. */
  fileBytes(path: string): number | undefined;
  /** Names in a directory, in no order. */
  list(directory: string): readonly string[];
  remove(path: string): void;
  /** Within a directory. */
  rename(path: string, newPath: string): void;
  /** The directory and those above it that are missing. */
  makeDirectory(path: string): void;
  /** Removes an empty directory. */
  removeDirectory(path: string): void;
  /** The names in a directory are on stable storage once this returns. */
  syncDirectory(path: string): void;
}

class SystemFile implements OpenFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array, at: number): void {
    // The kernel may take less than it was given, when a disk fills up.
    for (let done = 0; done < bytes.byteLength;) {
      done += writeSync(this.#fd, bytes, done, bytes.byteLength - done, at + done);
    }
  }

  read(into: Uint8Array, at: number): number {
    let done = 0;
    while (done < into.byteLength) {
      const count = readSync(this.#fd, into, done, into.byteLength - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  sync(): void {
    fdatasyncSync(this.#fd);
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Only its owner may look into a log. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** The file system of the platform. */
export const systemFiles: Files = {
  create: (path) => new SystemFile(openSync(path, 'wx+', FILE_MODE)),
  open: (path) => new SystemFile(openSync(path, 'r+')),
  openToRead: (path) => new SystemFile(openSync(path, 'r')),
  fileBytes(path) {
    const stat = lstatSync(path);
    return stat.isFile() ? stat.size : undefined;
  },
  list: (directory) => readdirSync(directory),
  remove: unlinkSync,
  rename: renameSync,
  makeDirectory,
  removeDirectory: rmdirSync,
  syncDirectory,
};

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * The directory and those above it that are missing. Not by `recursive: true`, with which Node.js tries for ever where
 * a file system answers ENOENT below a directory that exists, as /proc does.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  const above = dirname(path);
  if (above !== path && !existsSync(above)) {
    makeDirectory(above);
    // Its name is to be there as long as what will be in it; who opens a journal sees to that of the last one.
    syncDirectory(dirname(above));
  }
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    // Another process has made it in the same moment.
    if (!(existsSync(path) && statSync(path).isDirectory())) throw error;
  }
}
