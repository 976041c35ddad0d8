/**
 * Who owns a directory: one process, for as long as it lives. Node.js has no file lock that ends with its holder, so a
 * lock is a file that names its owner: process id and start time, because in a container the next process gets the same
 * id. It stands under a name of its own, so that nobody ever removes the lock of somebody who lives.
 *
 * Who wants the directory first puts a claim there, then looks for others. Whoever holds it wins over any claim, and of
 * two claims the one with the smaller name; so one of them always gets it, and never both.
 */
import { randomUUID } from 'node:crypto';
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface DirectoryLock extends Disposable {
  /** Whether it is still ours: somebody may have removed the directory. */
  readonly isHeld: boolean;
}

interface Owner {
  readonly pid: number;
  /** Clock ticks since boot at which the process started, '' where /proc is missing. */
  readonly started: string;
  /** Which part of the process. */
  readonly token: string;
}

const DRAFT = 'draft-';
const CLAIM = 'claim-';
const LOCK = 'lock-';

/** How often, and for how long each time, a claim waits for one that must give up or hold. */
const ROUNDS = 200;
const ROUND_MS = 5;

/**
 * The lock of an existing directory, or the process id of its owner. `token` names a part of this process that comes
 * one after the other, as a thread that is started again: it takes over what the one before it held. Throws what the
 * file system throws.
 */
export function lockDirectory(directory: string, token: string): DirectoryLock | { readonly pid: number } {
  const id = randomUUID();
  const claim = join(directory, CLAIM + id);
  const lock = join(directory, LOCK + id);
  const owner: Owner = { pid: process.pid, started: startOf(process.pid), token };
  // Written aside, so that a claim is never seen half written.
  const draft = join(directory, DRAFT + id);
  try {
    writeOwner(draft, owner);
    renameSync(draft, claim);
    const winner = waitForRivals(directory, id, owner);
    if (winner !== undefined) {
      rmSync(claim, { force: true });
      return { pid: winner };
    }
  } catch (error) {
    // A claim that nobody follows up would hold up everybody else for as long as this process lives.
    rmSync(claim, { force: true });
    rmSync(draft, { force: true });
    throw error;
  }
  renameSync(claim, lock);
  return {
    get isHeld() {
      return lstatSync(lock, { throwIfNoEntry: false }) !== undefined;
    },
    [Symbol.dispose]: () => rmSync(lock, { force: true }),
  };
}

/**
 * The process that holds a directory now; undefined where nobody does, or a part of this process that `token` comes
 * after.
 */
export function lockOwner(directory: string, token = ''): number | undefined {
  const self: Owner = { pid: process.pid, started: startOf(process.pid), token };
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(LOCK)) continue;
    const owner = readOwner(join(directory, name));
    if (owner === 'gone' || owner === undefined || isBefore(owner, self)) continue;
    if (isAlive(owner)) return owner.pid;
  }
  return undefined;
}

/** Whether a name is of a lock that was never taken. */
export const isLockDraft = (name: string): boolean => name.startsWith(DRAFT) || name.startsWith(CLAIM);

/** The process that has it or gets it; undefined once that is us. */
function waitForRivals(directory: string, id: string, owner: Owner): number | undefined {
  for (let round = 0; ; round += 1) {
    const rival = strongestRival(directory, id, owner);
    if (rival === undefined) return undefined;
    if (rival.mustBeObeyed || round === ROUNDS) return rival.pid;
    Atomics.wait(PAUSE, 0, 0, ROUND_MS);
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

interface Rival {
  readonly pid: number;
  /** It holds the directory, or its claim is the stronger one. */
  readonly mustBeObeyed: boolean;
}

/** Whoever else lives and wants or has the directory; undefined when it is free. Removes what the dead have left. */
function strongestRival(directory: string, ownId: string, self: Owner): Rival | undefined {
  let weaker: Rival | undefined;
  for (const name of readdirSync(directory)) {
    const isLock = name.startsWith(LOCK);
    if (!isLock && !name.startsWith(CLAIM)) continue;
    const id = name.slice(isLock ? LOCK.length : CLAIM.length);
    if (id === ownId) continue;
    const path = join(directory, name);
    const owner = readOwner(path);
    // It has gone, or changed its name, since it was listed.
    if (owner === 'gone') return { pid: 0, mustBeObeyed: false };
    if (owner === undefined || !isAlive(owner) || (isLock && isBefore(owner, self))) {
      rmSync(path, { force: true });
    } else if (isLock || id < ownId) return { pid: owner.pid, mustBeObeyed: true };
    else weaker = { pid: owner.pid, mustBeObeyed: false };
  }
  return weaker;
}

/** The same part of the same process, which has come to an end without giving it back. */
const isBefore = (owner: Owner, self: Owner): boolean =>
  owner.pid === self.pid && owner.token === self.token && self.token !== '';

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/**
 * On a full disk, which delivering what lies there would empty, no file has room for a byte. A link to nowhere has: so
 * short a text is in the entry itself.
 */
function writeOwner(path: string, { pid, started, token }: Owner): void {
  try {
    writeFileSync(path, JSON.stringify({ pid, started, token }), { mode: 0o600 });
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    rmSync(path, { force: true });
    symlinkSync(`${pid} ${started} ${token}`, path);
  }
}

function readOwner(path: string): Owner | 'gone' | undefined {
  let owner: unknown;
  try {
    owner = ownerIn(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    throw error;
  }
  if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('started' in owner))
    return undefined;
  const { pid, started } = owner;
  const token = 'token' in owner && typeof owner.token === 'string' ? owner.token : '';
  if (!Number.isSafeInteger(pid) || Number(pid) <= 0 || typeof started !== 'string') return undefined;
  return { pid: Number(pid), started, token };
}

/** Undefined for what is none. Throws what the file system throws. */
function ownerIn(path: string): unknown {
  if (lstatSync(path).isSymbolicLink()) {
    const [pid = '', started, ...token] = readlinkSync(path).split(' ');
    return { pid: Number(pid), started, token: token.join(' ') };
  }
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A process id alone proves nothing. */
function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const now = startOf(pid);
  return now === '' || started === '' || now === started;
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the command name before it may hold spaces and brackets. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
