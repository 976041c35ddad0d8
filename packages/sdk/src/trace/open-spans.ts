/**
 * Spans that have begun and not ended, oldest first: a list through the spans themselves, which costs no
 * allocation.
 */

export interface Listed<T> {
  olderOpen: T | undefined;
  newerOpen: T | undefined;
}

export class OpenSpans<T extends Listed<T>> {
  oldest: T | undefined = undefined;
  #newest: T | undefined = undefined;
  count = 0;

  add(span: T): void {
    span.olderOpen = this.#newest;
    if (this.#newest === undefined) this.oldest = span;
    else this.#newest.newerOpen = span;
    this.#newest = span;
    this.count += 1;
  }

  remove(span: T): void {
    const { olderOpen, newerOpen } = span;
    if (olderOpen === undefined) this.oldest = newerOpen;
    else olderOpen.newerOpen = newerOpen;
    if (newerOpen === undefined) this.#newest = olderOpen;
    else newerOpen.olderOpen = olderOpen;
    span.olderOpen = undefined;
    span.newerOpen = undefined;
    this.count -= 1;
  }
}
