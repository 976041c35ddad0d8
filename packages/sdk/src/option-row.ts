/** What there is to say of one option: a row of the table in options.ts, whichever file has it. */
import type { Environment } from './env.ts';
import type { Parse } from './option-text.ts';
import type { SdkOptions } from './options.ts';

export interface OptionRow<T> {
  /** Highest precedence first. */
  readonly env: readonly string[];
  readonly type: string;
  readonly parse: Parse<T>;
  readonly fallback: T;
  readonly sentence: string;
  /** The value may hold a secret and does not appear in messages. */
  readonly isSecret?: boolean;
  /** Items of the list may be numbers. */
  readonly takesNumbers?: boolean;
  /** From a value of code or JSON that is no text, for an option that is more than text could stand for. */
  readonly read?: (value: unknown) => T | undefined;
  /** Why `value` is refused, for an option whose type does not say it. */
  readonly why?: (value: unknown) => string | undefined;
  /** From variables of OpenTelemetry that have no text for this option alone; undefined where they say nothing. */
  readonly derive?: (sources: OptionSources) => T | undefined;
}

export interface OptionSources {
  /** What `startAode` was given. */
  readonly code: Partial<SdkOptions>;
  readonly env: Environment;
  /** The "aode" object of the nearest package.json. */
  readonly manifest: Readonly<Record<string, unknown>>;
}
