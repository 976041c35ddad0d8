/** OpenTelemetry's TraceState over W3C members: immutable, newest first. */
import { formatTracestate, fitsTracestate, parseTracestate, type TraceStateMembers } from '@aode/wire';
import type { TraceState } from '@opentelemetry/api';

export class MemberState implements TraceState {
  readonly #members: TraceStateMembers;

  constructor(members: TraceStateMembers) {
    this.#members = members;
  }

  get(key: string): string | undefined {
    for (const [name, value] of this.#members) if (name === key) return value;
    return undefined;
  }

  /** The member moves to the front. One that could not be sent is not taken. */
  set(key: string, value: string): TraceState {
    const valid = parseTracestate(`${key}=${value}`)?.length === 1;
    return valid ? new MemberState([[key, value], ...this.#without(key)]) : this;
  }

  get isEmpty(): boolean {
    return this.#members.length === 0;
  }

  /** The same for a value that is known to be valid; undefined where it would push out a member. */
  with(key: string, value: string): MemberState | undefined {
    const members: TraceStateMembers = [[key, value], ...this.#without(key)];
    return fitsTracestate(members) ? new MemberState(members) : undefined;
  }

  unset(key: string): TraceState {
    return new MemberState(this.#without(key));
  }

  serialize(): string {
    return formatTracestate(this.#members);
  }

  #without(key: string): TraceStateMembers {
    return this.#members.filter(([name]) => name !== key);
  }
}
