/**
 * A file system in memory that behaves like the worst one that keeps POSIX's word (Pillai et al., All File Systems Are
 * Not Created Equal, OSDI 2014). What was not synced may be lost in any part and any order, torn at 512 bytes, each
 * sector as one of the writes has left it; a name that was not synced in its directory may be missing, or still be
 * there, and likewise a directory. Each call may be made to fail, and the machine to stop at each of them. `killed()`
 * is what another process finds when this one was killed, `afterPowerCut()` what is there when the machine was.
 */
import type { Random } from '@aode/base';
import type { Files, OpenFile } from '../disk/files.ts';

const SECTOR_BYTES = 512;

interface Write {
  readonly at: number;
  readonly bytes: Uint8Array;
}

interface Content {
  /** As every process sees it. */
  seen: Uint8Array;
  /** As stable storage has it. */
  stable: Uint8Array;
  /** What was written since the last sync, oldest first. */
  unsynced: readonly Write[];
  /** A sync has failed, and the kernel has forgotten what it was to write. */
  isForgotten: boolean;
}

type Names<T> = Map<string, T>;

interface Directory {
  seen: Names<Content>;
  stable: Names<Content>;
}

export type Operation =
  | 'create'
  | 'open'
  | 'write'
  | 'read'
  | 'sync'
  | 'rename'
  | 'remove'
  | 'list'
  | 'makeDirectory'
  | 'removeDirectory'
  | 'syncDirectory';

export interface SimFiles extends Files {
  /** Asked before each operation; a code makes it fail, `write` after a part of it was done. */
  fault: (operation: Operation, path: string) => string | undefined;
  /** Bytes that all files together may have. */
  capacity: number;
  /** How many operations there have been. */
  readonly operations: number;
  /** Of this operation at most a part is done, and nothing of those behind it: the end of process or machine. */
  lastOperation: number;
  /** For tests that damage it. */
  bytesOf(path: string): Uint8Array;
  killed(): SimFiles;
  afterPowerCut(random: Random): SimFiles;
}

export function simFiles(random?: Random): SimFiles {
  return new Sim(random);
}

class Sim implements SimFiles {
  fault: SimFiles['fault'] = () => undefined;
  capacity = Infinity;
  operations = 0;
  lastOperation = Infinity;
  #directories: Names<Directory> = new Map();
  /** Those whose own name is on stable storage. */
  #stable: Names<Directory> = new Map();
  readonly #random: Random | undefined;

  constructor(random: Random | undefined) {
    this.#random = random;
  }

  #enter(operation: Operation, path: string): void {
    this.operations += 1;
    const code = this.operations >= this.lastOperation ? 'EIO' : this.fault(operation, path);
    if (code !== undefined) throw failure(code, operation, path);
  }

  #directory(path: string): Directory {
    const found = this.#directories.get(path);
    if (found === undefined) throw failure('ENOENT', 'open', path);
    return found;
  }

  #split(path: string): readonly [Directory, string] {
    return [this.#directory(parentOf(path)), path.slice(path.lastIndexOf('/') + 1)];
  }

  create(path: string): OpenFile {
    this.#enter('create', path);
    const [directory, name] = this.#split(path);
    if (directory.seen.has(name)) throw failure('EEXIST', 'create', path);
    const content: Content = {
      seen: new Uint8Array(),
      stable: new Uint8Array(),
      unsynced: [],
      isForgotten: false,
    };
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
      sync: () => this.#sync(path, content),
      size: () => content.seen.byteLength,
      close: () => undefined,
    };
  }

  #write(path: string, content: Content, { bytes, at }: Write): void {
    this.operations += 1;
    const isGone = this.operations >= this.lastOperation;
    const code = isGone ? 'EIO' : (this.fault('write', path) ?? this.#isFull(content, at + bytes.byteLength));
    let done = code === undefined ? bytes.byteLength : this.#someOf(bytes.byteLength, at);
    if (this.operations > this.lastOperation || this.#isFull(content, at + done) !== undefined) done = 0;
    if (done > 0) {
      const write = { at, bytes: bytes.slice(0, done) };
      content.seen = written(content.seen, write);
      content.unsynced = [...content.unsynced, write];
    }
    if (code !== undefined) throw failure(code, 'write', path);
  }

  /** How much of a write is done that fails. What lies in one sector from its beginning is copied in one piece. */
  #someOf(length: number, at: number): number {
    const isOnePiece = at % SECTOR_BYTES === 0 && length <= SECTOR_BYTES;
    const share = this.#random?.below(length + 1) ?? 0;
    return isOnePiece && share < length / 2 ? 0 : isOnePiece ? length : share;
  }

  #isFull(content: Content, length: number): string | undefined {
    if (this.capacity === Infinity) return undefined;
    const others = [...this.#directories.values()]
      .flatMap(({ seen }) => [...seen.values()])
      .reduce((sum, { seen }) => sum + seen.byteLength, 0);
    return others + Math.max(0, length - content.seen.byteLength) > this.capacity ? 'ENOSPC' : undefined;
  }

  #sync(path: string, content: Content): void {
    try {
      this.#enter('sync', path);
      for (const write of content.unsynced) content.stable = written(content.stable, write);
    } catch (error) {
      // Linux marks the pages clean although they were not written: the next sync says that all is well.
      if (this.operations < this.lastOperation) {
        content.isForgotten = true;
        content.unsynced = [];
      }
      throw error;
    }
    content.unsynced = [];
  }

  fileBytes(path: string): number {
    this.#enter('open', path);
    return this.#content(path).seen.byteLength;
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

  rename(path: string, newPath: string): void {
    this.#enter('rename', path);
    const [directory, name] = this.#split(path);
    const content = this.#content(path);
    directory.seen.delete(name);
    directory.seen.set(newPath.slice(newPath.lastIndexOf('/') + 1), content);
  }

  makeDirectory(path: string): void {
    if (this.#directories.has(path)) return;
    this.#enter('makeDirectory', path);
    this.#directories.set(path, { seen: new Map(), stable: new Map() });
  }

  removeDirectory(path: string): void {
    this.#enter('removeDirectory', path);
    if (this.#directory(path).seen.size > 0) throw failure('ENOTEMPTY', 'removeDirectory', path);
    this.#directories.delete(path);
  }

  syncDirectory(path: string): void {
    this.#enter('syncDirectory', path);
    const directory = this.#directories.get(path);
    if (directory !== undefined) directory.stable = new Map(directory.seen);
    const others = [...this.#stable].filter(([one]) => parentOf(one) !== path);
    const within = [...this.#directories].filter(([one]) => parentOf(one) === path);
    this.#stable = new Map([...others, ...within]);
  }

  bytesOf(path: string): Uint8Array {
    return this.#content(path).seen;
  }

  killed(): SimFiles {
    const left = new Sim(this.#random);
    const copies = new Map<Content, Content>();
    // Files that are the same under an old and a new name stay so.
    const copyOf = (content: Content): Content => {
      const known = copies.get(content);
      if (known !== undefined) return known;
      const { seen, stable, unsynced, isForgotten } = content;
      const copy = {
        seen: seen.slice(),
        stable: stable.slice(),
        // What the kernel has forgotten no process that comes later can know of: such a failure ends with its process.
        unsynced: isForgotten ? [{ at: 0, bytes: seen.slice() }] : unsynced,
        isForgotten: false,
      };
      copies.set(content, copy);
      return copy;
    };
    const namesOf = (names: Names<Content>): Names<Content> =>
      new Map([...names].map(([name, content]) => [name, copyOf(content)]));
    for (const [path, { seen, stable }] of this.#directories) {
      left.#directories.set(path, { seen: namesOf(seen), stable: namesOf(stable) });
    }
    for (const [path, directory] of this.#stable) {
      const now = left.#directories.get(path);
      const isSame = this.#directories.get(path) === directory && now !== undefined;
      const { seen, stable } = directory;
      left.#stable.set(path, isSame ? now : { seen: namesOf(seen), stable: namesOf(stable) });
    }
    return left;
  }

  afterPowerCut(random: Random): SimFiles {
    const left = new Sim(this.#random);
    for (const path of new Set([...this.#directories.keys(), ...this.#stable.keys()])) {
      const directory = either(this.#directories.get(path), this.#stable.get(path), random);
      if (directory === undefined) continue;
      const { seen, stable } = directory;
      const names: Names<Content> = new Map();
      for (const name of new Set([...seen.keys(), ...stable.keys()])) {
        const content = either(seen.get(name), stable.get(name), random);
        if (content === undefined) continue;
        const bytes = remains(content, random);
        names.set(name, { seen: bytes, stable: bytes.slice(), unsynced: [], isForgotten: false });
      }
      const remade = { seen: names, stable: new Map(names) };
      left.#directories.set(path, remade);
      left.#stable.set(path, remade);
    }
    return left;
  }
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

const either = <T>(now: T, before: T, random: Random): T =>
  now === before || random.chance(1, 2) ? now : before;

function written(content: Uint8Array, { at, bytes }: Write): Uint8Array {
  const end = at + bytes.byteLength;
  let into = content;
  if (content.byteLength < end) {
    into = new Uint8Array(end);
    into.set(content);
  }
  into.set(bytes, at);
  return into;
}

/** Of each sector what is stable, and as many of the writes behind that as chance has it. */
function remains({ seen, stable, unsynced }: Content, random: Random): Uint8Array {
  const left = new Uint8Array(random.chance(1, 2) ? seen.byteLength : stable.byteLength);
  left.set(stable.subarray(0, left.byteLength));
  for (let sector = 0; sector < left.byteLength; sector += SECTOR_BYTES) {
    const sectorEnd = Math.min(sector + SECTOR_BYTES, left.byteLength);
    const writes = unsynced.filter(({ at, bytes }) => at < sectorEnd && at + bytes.byteLength > sector);
    for (const { at, bytes } of writes.slice(0, random.below(writes.length + 1))) {
      const from = Math.max(at, sector);
      const to = Math.min(at + bytes.byteLength, sectorEnd);
      left.set(bytes.subarray(from - at, to - at), from);
    }
  }
  return left;
}

function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, syscall: operation });
}
