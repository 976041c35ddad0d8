/**
 * A file system in memory that behaves as the worst one that keeps POSIX's word. What was not synced may be lost in any
 * part and any order, torn at 512 bytes; a name that was not synced in its directory may be missing, or still be there.
 * Each call may be made to fail. `killed()` is what another process finds when this one was killed, `afterPowerCut()`
 * what is there when the machine was.
 */
import type { Random } from '@aode/base';
import type { Files, OpenFile } from '../disk/files.ts';

const SECTOR_BYTES = 512;

interface Content {
  /** As every process sees it. */
  seen: Uint8Array;
  /** As stable storage has it. */
  stable: Uint8Array;
  /** Parts of `seen` that were written since the last sync: first and last byte. */
  unsynced: { readonly start: number; readonly end: number }[];
}

interface Directory {
  seen: Map<string, Content>;
  stable: Map<string, Content>;
}

type Operation = 'create' | 'open' | 'write' | 'read' | 'sync' | 'remove' | 'syncDirectory' | 'list';

export interface SimFiles extends Files {
  /** Asked before each operation; a code makes it fail, `write` after a part of it was done. */
  fault: (operation: Operation, path: string) => string | undefined;
  /** Bytes that all files together may have. */
  capacity: number;
  /** How many operations there have been. */
  readonly operations: number;
  /** For tests that damage it. */
  bytesOf(path: string): Uint8Array;
  killed(): SimFiles;
  afterPowerCut(random: Random): SimFiles;
}

export function simFiles(
  from: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>> = new Map(),
  random?: Random,
): SimFiles {
  return new Sim(from, random);
}

class Sim implements SimFiles {
  fault: SimFiles['fault'] = () => undefined;
  capacity = Infinity;
  operations = 0;
  readonly #directories = new Map<string, Directory>();
  readonly #random: Random | undefined;

  constructor(from: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>, random: Random | undefined) {
    this.#random = random;
    for (const [directory, files] of from) {
      const contents = [...files].map(([name, bytes]): [string, Content] => [
        name,
        { seen: bytes.slice(), stable: bytes.slice(), unsynced: [] },
      ]);
      this.#directories.set(directory, { seen: new Map(contents), stable: new Map(contents) });
    }
  }

  #enter(operation: Operation, path: string): void {
    this.operations += 1;
    const code = this.fault(operation, path);
    if (code !== undefined) throw failure(code, operation, path);
  }

  #directory(path: string): Directory {
    const found = this.#directories.get(path);
    if (found === undefined) throw failure('ENOENT', 'open', path);
    return found;
  }

  #split(path: string): readonly [Directory, string] {
    const at = path.lastIndexOf('/');
    return [this.#directory(path.slice(0, at)), path.slice(at + 1)];
  }

  create(path: string): OpenFile {
    this.#enter('create', path);
    const [directory, name] = this.#split(path);
    if (directory.seen.has(name)) throw failure('EEXIST', 'create', path);
    const content: Content = { seen: new Uint8Array(), stable: new Uint8Array(), unsynced: [] };
    directory.seen.set(name, content);
    return this.#handle(path, content);
  }

  open(path: string): OpenFile {
    this.#enter('open', path);
    return this.#handle(path, this.#content(path));
  }

  openToRead(path: string): OpenFile {
    return this.open(path);
  }

  #content(path: string): Content {
    const [directory, name] = this.#split(path);
    const content = directory.seen.get(name);
    if (content === undefined) throw failure('ENOENT', 'open', path);
    return content;
  }

  #handle(path: string, content: Content): OpenFile {
    return {
      write: (bytes, at) => this.#write(path, content, { bytes, at }),
      read: (into, at) => {
        this.#enter('read', path);
        const part = content.seen.subarray(at, at + into.byteLength);
        into.set(part);
        return part.byteLength;
      },
      sync: () => {
        this.#sync(path, content);
      },
      size: () => content.seen.byteLength,
      close: () => undefined,
    };
  }

  #write(
    path: string,
    content: Content,
    { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
  ): void {
    this.operations += 1;
    const code = this.fault('write', path) ?? this.#isFull(content, at + bytes.byteLength);
    const done = code === undefined ? bytes.byteLength : (this.#random?.below(bytes.byteLength + 1) ?? 0);
    if (code === undefined || this.#isFull(content, at + done) === undefined) {
      const seen = new Uint8Array(Math.max(content.seen.byteLength, at + done));
      seen.set(content.seen);
      seen.set(bytes.subarray(0, done), at);
      content.seen = seen;
      content.unsynced.push({ start: at, end: at + done });
    }
    if (code !== undefined) throw failure(code, 'write', path);
  }

  #isFull(content: Content, length: number): string | undefined {
    const others = [...this.#directories.values()]
      .flatMap(({ seen }) => [...seen.values()])
      .reduce((sum, { seen }) => sum + seen.byteLength, 0);
    return others + Math.max(0, length - content.seen.byteLength) > this.capacity ? 'ENOSPC' : undefined;
  }

  #sync(path: string, content: Content): void {
    this.operations += 1;
    const code = this.fault('sync', path);
    if (code === undefined) content.stable = content.seen.slice();
    // Linux marks the pages clean although they were not written: the next sync says that all is well.
    content.unsynced = [];
    if (code !== undefined) throw failure(code, 'sync', path);
  }

  list(directory: string): readonly string[] {
    this.#enter('list', directory);
    return [...this.#directory(directory).seen.keys()].reverse();
  }

  remove(path: string): void {
    this.#enter('remove', path);
    const [directory, name] = this.#split(path);
    if (!directory.seen.delete(name)) throw failure('ENOENT', 'remove', path);
  }

  makeDirectory(path: string): void {
    if (!this.#directories.has(path)) this.#directories.set(path, { seen: new Map(), stable: new Map() });
  }

  removeDirectory(path: string): void {
    this.#directories.delete(path);
  }

  syncDirectory(path: string): void {
    this.#enter('syncDirectory', path);
    const directory = this.#directory(path);
    directory.stable = new Map(directory.seen);
  }

  bytesOf(path: string): Uint8Array {
    return this.#content(path).seen;
  }

  killed(): SimFiles {
    return this.#remade(({ seen }) => new Map([...seen].map(([name, content]) => [name, content.seen])));
  }

  afterPowerCut(random: Random): SimFiles {
    return this.#remade((directory) => {
      const names = new Set([...directory.seen.keys(), ...directory.stable.keys()]);
      const left = new Map<string, Uint8Array>();
      for (const name of names) {
        const now = directory.seen.get(name);
        const before = directory.stable.get(name);
        const content = now === before || random.chance(1, 2) ? now : before;
        if (content !== undefined) left.set(name, remains(content, random));
      }
      return left;
    });
  }

  #remade(of: (directory: Directory) => Map<string, Uint8Array>): SimFiles {
    return simFiles(new Map([...this.#directories].map(([path, one]) => [path, of(one)])), this.#random);
  }
}

/** Of each sector that was written and not synced, the old or the new one. */
function remains({ seen, stable, unsynced }: Content, random: Random): Uint8Array {
  const left = new Uint8Array(random.chance(1, 2) ? seen.byteLength : Math.max(stable.byteLength, 0));
  left.set(stable.subarray(0, left.byteLength));
  for (const { start, end } of unsynced) {
    for (let at = start - (start % SECTOR_BYTES); at < Math.min(end, left.byteLength); at += SECTOR_BYTES) {
      const from = Math.max(start, at);
      const to = Math.min(end, at + SECTOR_BYTES, left.byteLength);
      if (from < to && random.chance(1, 2)) left.set(seen.subarray(from, to), from);
    }
  }
  return left;
}

function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, syscall: operation });
}
