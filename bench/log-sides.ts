/**
 * Who writes the lines of the log benches, and how all of them get where they go. Made in a process of its own, because
 * Aode's sides need the SDK to be loaded before it.
 */
import { once } from 'node:events';

/**
 * `pino` to a file, not waiting for it; `sync`, as pino's destination is by default; `ids`, as `pino` with the ids of a
 * trace by a mixin, as applications do it without an SDK; `tuned`, by the fastest settings and version of pino's file
 * destination; `aode`, pino with Aode's destination; `log` and `site`, Aode's own logger and a call site of it; `none`
 * works a little and writes nothing, which says how long the machine lets a thread wait.
 */
export type How = 'pino' | 'sync' | 'ids' | 'tuned' | 'aode' | 'log' | 'site' | 'none';

/** What writes a line, and what has all of them written. */
export interface LogSide {
  readonly write: (i: number) => void;
  readonly end: () => Promise<void>;
}

interface Destination {
  once(event: string, listener: () => void): void;
  end(): void;
}

interface Pino {
  (options: object, destination: Destination): { info(fields: object, message: string): void };
  destination(options: object): Destination;
}

export interface Running {
  flush(ms: number): Promise<boolean>;
  durable(ms: number): Promise<boolean>;
  losses(): object;
}

/** For all that was written to be where it goes. */
export const DEADLINE_MS = 60_000;
const IDS = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };
const MESSAGE = 'request completed';

/** About what a line takes. */
const NONE_MICROS = 1;

const FILE_SIDES: ReadonlySet<How> = new Set(['pino', 'sync', 'ids', 'tuned']);
export const isFileSide = (how: How): boolean => FILE_SIDES.has(how);

export async function startLogSide(how: How, file: string): Promise<LogSide> {
  if (how === 'none') return { write: spin, end: async () => undefined };
  return isFileSide(how) ? fileSide(how, file) : aodeSide(how);
}

function spin(): void {
  const until = performance.now() + NONE_MICROS / 1000;
  while (performance.now() < until);
}

async function fileSide(how: How, file: string): Promise<LogSide> {
  // Loaded as an application does it: after the SDK.
  const { default: pino } = (await import('pino')) as unknown as { default: Pino };
  const destination =
    how === 'tuned' ? await tuned(file) : pino.destination({ dest: file, sync: how === 'sync' });
  // One that is synchronous has opened its file by now.
  if (how !== 'sync') await once(destination as never, 'ready');
  const mixin = how === 'ids' ? { mixin: () => IDS } : {};
  const log = pino({ base: { pid: process.pid, hostname: 'bench' }, ...mixin }, destination);
  return {
    write: (i) => log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, MESSAGE),
    async end() {
      const closed = once(destination as never, 'close');
      destination.end();
      await closed;
      await running()?.flush(DEADLINE_MS);
    },
  };
}

/** Versions behind 4.2.0 flatten a growing text at each write. */
async function tuned(file: string): Promise<Destination> {
  const { default: SonicBoom } = (await import('sonic-boom-fast')) as unknown as {
    default: new (options: object) => Destination;
  };
  return new SonicBoom({ dest: file, sync: false, minLength: 64 * 1024, maxWrite: 1024 * 1024 });
}

/** The SDK of this process, if it has one. */
export const running = (): Running | undefined =>
  (globalThis as Record<symbol, Running | undefined>)[Symbol.for('aode.sdk')];

/** Waits for all of it: nothing may be lost on the way. */
async function stored(): Promise<void> {
  const aode = running();
  if (aode === undefined || !(await aode.durable(DEADLINE_MS))) throw new Error('not everything is durable');
  const lost = aode.losses();
  if (Object.keys(lost).length > 0) throw new Error(`lost: ${JSON.stringify(lost)}`);
}

async function aodeSide(how: How): Promise<LogSide> {
  if (how === 'aode') {
    const { default: pino } = (await import('pino')) as unknown as { default: Pino };
    const { aode } = await import('@aode/sdk/pino');
    const log = pino({ base: { pid: process.pid, hostname: 'bench' } }, aode({ also: null }));
    return {
      write: (i) => log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, MESSAGE),
      end: stored,
    };
  }
  const { log } = await import('@aode/sdk');
  const site = log.site('info', MESSAGE, 'user', 'duration', 'route', 'status');
  const write =
    how === 'site'
      ? (i: number) => site(i, 17.25, '/api/v1/items', 200)
      : (i: number) => log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, MESSAGE);
  return { write, end: stored };
}
