/** The memory of the SDK in one process: one bound, and who gets which part of it. */
import { totalmem } from 'node:os';
import { POOL_BYTES_MIN } from '../pool/pool-memory.ts';
import { THREADS_MAX } from './agent-link.ts';

/** At 200 requests a second of eight spans this remembers some twenty seconds. */
const BYTES_MAX = 64 * 1024 * 1024;
/** Of the memory that the process may have. */
const SHARE = 0.1;

export interface MemoryBudget {
  /** The pool of the main thread. */
  readonly poolBytes: number;
  /** The pool of each other thread. */
  readonly threadPoolBytes: number;
  /** Lines of the main thread that nobody has read yet. */
  readonly ringBytes: number;
  /** The same of each other thread. */
  readonly threadRingBytes: number;
  /** Lines that wait for room in the ring of a thread. */
  readonly spillBytes: number;
  /** What is kept and not delivered yet. */
  readonly journalBytes: number;
}

/** `min(64 MiB, a tenth of what the process may have)`. */
export function defaultMemoryBytes(): number {
  // Undefined or larger than the machine where nothing constrains the process.
  const constrained = process.constrainedMemory();
  const all = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(BYTES_MAX, Math.floor(all * SHARE));
}

/**
 * Three eighths for the main thread's pool and an eighth for its lines, an eighth for the pools of all other threads
 * and half as much for their lines, three sixteenths for the journal, and the rest for what is being encoded and sent.
 */
export function memoryBudget(bytes: number): MemoryBudget {
  const part = (share: number): number => Math.max(POOL_BYTES_MIN, Math.floor(bytes * share));
  return {
    poolBytes: part(3 / 8),
    ringBytes: Math.floor(bytes / 8),
    threadRingBytes: Math.floor(bytes / 16 / THREADS_MAX),
    threadPoolBytes: part(1 / 8 / THREADS_MAX),
    journalBytes: part(3 / 16),
    spillBytes: Math.floor(bytes / 16),
  };
}
