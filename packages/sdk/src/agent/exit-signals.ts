/**
 * Signals that end a process unless somebody listens to them. Listening changes what they do, so whatever shows that is
 * made good: where nobody else listens the signal is raised again after the delivery; those who count the listeners to
 * find out whether they are alone do not see ours; and a process that raises one itself ends in that statement.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Calls `deliver` before the process ends by a signal, until disposed of. */
export function listenToSignals(deliver: () => void): Disposable {
  const original: unknown = Reflect.get(process, 'kill');
  const kill = process.kill.bind(process);
  const listen = (signal: NodeJS.Signals): void => {
    process.off(signal, onSignal);
    // In front: a listener that is there for one signal only is gone when it runs.
    process.prependListener(signal, onSignal);
  };
  const stop = (): void => SIGNALS.forEach((signal) => void process.off(signal, onSignal));
  const end = (signal: NodeJS.Signals): void => {
    deliver();
    stop();
    kill(process.pid, signal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAlone(signal, onSignal)) return end(signal);
    // Somebody else decides whether and when the process ends. Some raise it again where they are the only ones.
    process.off(signal, onSignal);
    process.nextTick(listen, signal);
  };
  /** By way of the event loop such a signal would come later than the end of a program that has no more to do. */
  const killed = (pid: number, signal?: string | number): true => {
    const own = pid === process.pid ? nameOf(signal ?? 'SIGTERM') : undefined;
    if (own !== undefined && isAlone(own, onSignal)) end(own);
    return kill(pid, signal);
  };
  process.kill = killed;
  SIGNALS.forEach(listen);
  return {
    [Symbol.dispose]() {
      stop();
      if (Reflect.get(process, 'kill') === killed) Reflect.set(process, 'kill', original);
    },
  };
}

/** Nobody but `own` listens. */
const isAlone = (signal: NodeJS.Signals, own: (signal: NodeJS.Signals) => void): boolean =>
  process.listeners(signal).every((one) => one === own);

const nameOf = (signal: string | number): NodeJS.Signals | undefined =>
  SIGNALS.find((name) => name === signal || constants.signals[name] === signal);
