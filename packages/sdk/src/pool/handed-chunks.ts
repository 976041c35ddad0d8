/** Chunks on their way to the agent. */
import { CHUNK_BYTES, CONTROL, HEAD, type PoolMemory, putChunk } from './pool-memory.ts';

/** When so large a part was handed over, the agent is told at once. */
const PRESSURE_SHARE = 16;

export class HandedChunks {
  readonly #memory: PoolMemory;
  readonly #countMax: number;
  readonly #onPressure: () => void;
  #count = 0;

  constructor(memory: PoolMemory, onPressure: () => void) {
    this.#memory = memory;
    this.#countMax = Math.ceil(memory.chunkCount / PRESSURE_SHARE);
    this.#onPressure = onPressure;
  }

  /** `priority` 1 for what somebody asked for. */
  put(chunk: number, priority: 0 | 1): void {
    const { heads, handed } = this.#memory;
    heads[(chunk * CHUNK_BYTES) / 4 + HEAD.priority] = priority;
    putChunk(this.#memory, handed, CONTROL.handedTo, chunk);
    this.#count += 1;
    if (this.#count < this.#countMax) return;
    this.#count = 0;
    this.#onPressure();
  }
}
