/**
 * One child of the supervisor: started, watched, and started again when it dies. It is connected by a channel, whose
 * closing tells it that the supervisor is gone, however that came about; so no process is ever left behind.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Old space of a service, MB: twice what one needs under this traffic; twelve of them must fit a small machine. */
const HEAP_MB = 96;
/** Half of a semi-space as Node has it: three times this many MB are the young generation. */
const YOUNG_MB = 4;
const RESTART_MS = 1000;
const LINES_KEPT = 200;
/** A child that has not ended by then is killed. */
const STOP_MS = 4000;

export interface ProcessOptions {
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A module to be loaded before the program. */
  readonly preload: string | undefined;
  /** What to tell it as soon as it runs. */
  greeting(): object;
  /** Something that the person in front should read. */
  say(line: string): void;
  /** Each line that it writes, as it is. */
  heard?(line: string): void;
}

export class SupervisedProcess {
  readonly name: string;
  restarts = 0;
  state: 'starting' | 'running' | 'down' | 'stopped' = 'starting';
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #lines: string[] = [];
  #whenRunning: () => void = () => undefined;
  readonly #options: ProcessOptions;

  /** Resolves when it listens for the first time. */
  readonly running: Promise<void>;

  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.running = new Promise((resolve) => {
      this.#whenRunning = resolve;
    });
  }

  start(): void {
    const { file, args = [], env, preload } = this.#options;
    this.state = 'starting';
    const child = fork(file, args, {
      execArgv: [
        ...process.execArgv,
        `--max-old-space-size=${HEAP_MB}`,
        `--max-semi-space-size=${YOUNG_MB}`,
        ...(preload === undefined ? [] : ['--import', preload]),
      ],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#hear(line));
    }
    child.on('message', () => {
      this.state = 'running';
      this.#whenRunning();
    });
    // A message to a child that has just died is lost with it; the next one is greeted again.
    child.on('error', (error) => this.#hear(error.message));
    child.once('exit', (code, signal) => this.#ended(signal ?? String(code)));
    this.tell(this.#options.greeting());
  }

  tell(message: object): void {
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  /** Its last lines, oldest first. */
  lines(): readonly string[] {
    return this.#lines;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(late);
  }

  #hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
    this.#options.heard?.(line);
  }

  #ended(how: string): void {
    if (this.state === 'stopped') return;
    const before = this.state;
    this.state = 'down';
    this.restarts += 1;
    // Ctrl-C that hits a child before it has asked not to be told: the supervisor is about to hear of it too.
    if (how !== 'SIGINT') {
      const why = this.#lines.findLast((line) => /^\w*Error\b/.test(line));
      const reason = why === undefined ? '' : `: ${why}`;
      this.#options.say(`${this.name} ended (${how})${reason}, it starts again in ${RESTART_MS / 1000} s`);
    }
    // One that never came up is not going to; its reason is above.
    if (before === 'starting' && this.restarts > 5) return;
    this.#restart = setTimeout(() => this.start(), RESTART_MS);
  }
}
