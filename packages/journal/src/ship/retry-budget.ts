/**
 * How often what has failed may be tried again at once, elsewhere: as gRPC throttles retries (gRFC A6), so that a
 * receiver that fails half of the time is not asked twice as often because of it. Beyond the budget the shipper's pause
 * lies between two attempts.
 */
const TOKENS_MAX = 10;
const TOKENS_PER_SUCCESS = 0.1;

export class RetryBudget {
  #tokens = TOKENS_MAX;

  succeeded(): void {
    this.#tokens = Math.min(TOKENS_MAX, this.#tokens + TOKENS_PER_SUCCESS);
  }

  failed(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  get isLeft(): boolean {
    return this.#tokens > TOKENS_MAX / 2;
  }
}
