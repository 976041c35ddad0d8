/** What the hub has seen of each operation of each service that others ask: the memory of its triggers, bounded. */
import { TailEstimate } from './tail-estimate.ts';

/** Some 700 bytes each. */
const ROUTES_MAX = 2048;
/** When there is no room, those that nobody has asked for so long make it. */
const IDLE_MS = 10 * 60_000;
const SWEEP_MS = 60_000;
/** Callers of one operation; a service is asked by a handful. */
const CALLERS_MAX = 64;
/** Within this, when a caller asked last is not noted again. */
const FRESH_MS = 1000;
/** A service with more operations than this names them after ids, and each is seen once. */
const OPERATIONS_MAX = 200;

export class Route {
  readonly tail: TailEstimate = new TailEstimate();
  lastMs: number = 0;
  /** Slow traces asked for since `slowSinceMs`. */
  slowCount: number = 0;
  slowSinceMs: number = Number.NEGATIVE_INFINITY;
  /** Requests with a parent elsewhere, and those of which the parent never came. */
  checked: number = 0;
  missing: number = 0;
  /** Number of a caller's service -> when it asked last. */
  #lastCaller = 0;
  #lastAskedMs = 0;
  readonly #callers = new Map<number, number>();

  /** Milliseconds since this caller asked last; infinite for the first time, undefined when there is no telling. */
  sinceAsked(caller: number, nowMs: number): number | undefined {
    // Most requests are of the caller before.
    if (caller === this.#lastCaller && nowMs - this.#lastAskedMs < FRESH_MS) return 0;
    this.#lastCaller = caller;
    this.#lastAskedMs = nowMs;
    const last = this.#callers.get(caller);
    if (last === undefined && this.#callers.size >= CALLERS_MAX) return undefined;
    this.#callers.set(caller, nowMs);
    return last === undefined ? Number.POSITIVE_INFINITY : nowMs - last;
  }
}

export class Routes {
  readonly #services = new Map<string, Map<string, Route>>();
  #size = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#size;
  }

  /** Undefined when there is no room for another. */
  at(service: string, operation: string, nowMs: number): Route | undefined {
    let operations = this.#services.get(service);
    let route = operations?.get(operation);
    if (route === undefined) {
      if (this.#size >= ROUTES_MAX) this.#sweep(nowMs);
      if (this.#size >= ROUTES_MAX) return undefined;
      // The sweep may have taken the service's map with its last operation.
      operations = this.#services.get(service) ?? new Map<string, Route>();
      this.#services.set(service, operations);
      route = new Route();
      operations.set(operation, route);
      this.#size += 1;
    }
    route.lastMs = nowMs;
    return route;
  }

  /** Whether the operations of a service are few enough that a new one means something. */
  isNamed(service: string): boolean {
    return (this.#services.get(service)?.size ?? 0) <= OPERATIONS_MAX;
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    for (const [service, operations] of this.#services) {
      for (const [operation, route] of operations) {
        if (nowMs - route.lastMs < IDLE_MS) continue;
        operations.delete(operation);
        this.#size -= 1;
      }
      if (operations.size === 0) this.#services.delete(service);
    }
  }
}
