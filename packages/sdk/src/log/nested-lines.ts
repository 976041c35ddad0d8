/** Whether a logger is writing just now: what reaches the console meanwhile is the same line a second time. */
export class NestedLines {
  #depth = 0;

  get isInside(): boolean {
    return this.#depth > 0;
  }

  enter(): void {
    this.#depth += 1;
  }

  leave(): void {
    this.#depth -= 1;
  }
}
