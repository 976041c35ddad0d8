/** What a command is: a row of the table from which parsing, `--help` and the reference page come, and a function. */
import type { Paint } from './paint.ts';
import type { Shell } from './shell.ts';

export interface OptionSpec {
  /** As commander writes it: `--since <time>`, `--json`. */
  readonly flags: string;
  readonly what: string;
}

export interface CommandSpec {
  readonly name: string;
  /** As commander writes them: `[trace-id]`, `<action> [directory]`, `<file...>`; '' for none. */
  readonly argument: string;
  /** One line. */
  readonly summary: string;
  /** What it does, in a paragraph or two. */
  readonly text: string;
  readonly options: readonly OptionSpec[];
  /** Three: [command line, what for]. */
  readonly examples: readonly (readonly [string, string])[];
  /** What `--json` prints, as TypeScript reads it; undefined where there is nothing to print. */
  readonly json: string | undefined;
  /** Options after the first argument belong to that argument: `aode run node --inspect app.js`. */
  readonly passThrough?: boolean;
  /** Loaded when it is called, so that `--help` does not wait for a hub to be loaded. */
  readonly load: () => Promise<Command>;
}

/** One call of a command. Option names are in camel case, `--last` is `last`. */
export interface Call {
  readonly shell: Shell;
  readonly paint: Paint;
  readonly args: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
  /** The value of an option, undefined when it was not given. */
  readonly text: (name: string) => string | undefined;
  readonly flag: (name: string) => boolean;
}

/** Does it and returns the exit code. */
export type Command = (call: Call) => Promise<number>;

/** The exit codes that scripts may rely on. */
export const EXIT = { good: 0, found: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;
