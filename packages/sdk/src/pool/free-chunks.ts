/**
 * Chunks that a thread may take. The last that was given is taken first: memory that was never needed is never
 * touched.
 */
import { STATE } from './counts.ts';
import { CONTROL, type PoolMemory, takeChunk } from './pool-memory.ts';

export class FreeChunks {
  readonly #memory: PoolMemory;
  readonly #chunks: Int32Array;
  count: number;

  constructor(memory: PoolMemory) {
    const { chunkCount } = memory;
    this.#memory = memory;
    this.#chunks = Int32Array.from({ length: chunkCount }, (_, i) => chunkCount - 1 - i);
    this.count = chunkCount;
    this.#say();
  }

  /** Only while `count` is above 0. */
  take(): number {
    this.count -= 1;
    this.#say();
    return this.#chunks[this.count] ?? 0;
  }

  give(chunk: number): void {
    this.#chunks[this.count] = chunk;
    this.count += 1;
  }

  /** Takes back what the agent has read. */
  reclaim(): void {
    for (;;) {
      const chunk = takeChunk(this.#memory, this.#memory.returned, CONTROL.returnedTo);
      if (chunk < 0) return;
      this.give(chunk);
    }
  }

  #say(): void {
    this.#memory.counts[STATE.chunksFree] = this.count;
  }
}
