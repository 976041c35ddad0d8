/**
 * The asks of the last minutes in the order in which they came, each trace once. Streams read it by number, so a slow
 * reader holds nothing here but its place.
 */

/** More than 200 a second over the whole time; some 15 MB. */
export const ASKS_MAX = 65_536;
/** Several times what a process holds of its past in memory: an older ask finds nothing any more. */
export const RETAIN_MS: number = 5 * 60_000;

export interface RetainedAsk {
  readonly number: number;
  readonly traceId: string;
  readonly reason: string;
  readonly unixMs: number;
  /** Whose ask it is; '' for the hub's own. */
  readonly instance: string;
}

export interface AskLogOptions {
  readonly asksMax: number;
  readonly retainMs: number;
  /** Told of asks that are forgotten before their time is over. */
  readonly onOverflow: () => void;
}

export class AskLog {
  readonly #options: AskLogOptions;
  /** When each was asked for. */
  readonly #known = new Map<string, number>();
  /** A ring: ask `n` stands at `n % asksMax`. */
  readonly #ring: RetainedAsk[] = [];
  /** Number of the oldest that is kept. Numbers begin with 1, so that 0 is the place before all. */
  #first = 1;
  #next = 1;

  constructor(options: AskLogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#next - this.#first;
  }

  /** Number of the newest, 0 before the first. */
  get last(): number {
    return this.#next - 1;
  }

  /** Whether somebody has asked for the trace within the time that asks are kept. */
  knows(traceId: string, nowMs: number): boolean {
    this.#expire(nowMs);
    return this.#known.has(traceId);
  }

  /** When the trace was asked for first; undefined when nobody has within that time. */
  askedAt(traceId: string, nowMs: number): number | undefined {
    this.#expire(nowMs);
    return this.#known.get(traceId);
  }

  /** False when the trace is known. */
  add(ask: Pick<RetainedAsk, 'traceId' | 'reason' | 'instance'>, nowMs: number): boolean {
    if (this.knows(ask.traceId, nowMs)) return false;
    if (this.size === this.#options.asksMax) {
      this.#forgetFirst();
      this.#options.onOverflow();
    }
    const number = this.#next;
    this.#ring[number % this.#options.asksMax] = { ...ask, number, unixMs: nowMs };
    this.#known.set(ask.traceId, nowMs);
    this.#next += 1;
    return true;
  }

  /**
   * Where to go on after `number`: the same, unless what follows it is forgotten or it was never given out; then the
   * place before the oldest.
   */
  place(number: number, nowMs: number): { readonly number: number; readonly gap: boolean } {
    this.#expire(nowMs);
    const gap = number < this.#first - 1 || number > this.last;
    return { number: gap ? this.#first - 1 : number, gap };
  }

  /** At most `countMax` asks after `number`, oldest first. */
  after(number: number, countMax: number): readonly RetainedAsk[] {
    const found: RetainedAsk[] = [];
    const end = Math.min(this.#next, Math.max(number + 1, this.#first) + countMax);
    for (let at = Math.max(number + 1, this.#first); at < end; at += 1) {
      const ask = this.#ring[at % this.#options.asksMax];
      if (ask !== undefined) found.push(ask);
    }
    return found;
  }

  #expire(nowMs: number): void {
    while (this.size > 0) {
      const oldest = this.#ring[this.#first % this.#options.asksMax];
      if (oldest === undefined || nowMs - oldest.unixMs < this.#options.retainMs) return;
      this.#forgetFirst();
    }
  }

  #forgetFirst(): void {
    const at = this.#first % this.#options.asksMax;
    const oldest = this.#ring[at];
    if (oldest !== undefined) this.#known.delete(oldest.traceId);
    this.#first += 1;
  }
}
