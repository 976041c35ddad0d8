/**
 * Behind everything that the application does at the end of the process or the thread. Its handlers of 'exit' are
 * registered after the SDK's, and write last words; so no handler is used, but the two functions that Node.js calls on
 * `process` by their names: `emit`, and `reallyExit` where a handler calls `process.exit()` itself and none comes after
 * it. Both are put over by others as well (signal-exit), and gone through by them.
 */

type Replaceable = Record<'emit' | 'reallyExit', (...args: unknown[]) => unknown>;

/** Calls `run` once, until disposed of. Must not throw. */
export function atLastOfExit(run: () => void): Disposable {
  const target = process as unknown as Replaceable;
  let isDue = true;
  const runOnce = (): void => {
    if (!isDue) return;
    isDue = false;
    run();
  };
  const undo = [
    replace(target, 'emit', (original, args) => {
      if (args[0] !== 'exit') return original(...args);
      try {
        return original(...args);
      } finally {
        runOnce();
      }
    }),
    replace(target, 'reallyExit', (original, args) => {
      runOnce();
      return original(...args);
    }),
  ];
  return {
    [Symbol.dispose]() {
      isDue = false;
      for (const one of undo) one();
    },
  };
}

type Instead = (original: (...args: unknown[]) => unknown, args: readonly unknown[]) => unknown;

/** Returns what takes it back; whoever has put something of theirs over it goes on through it. */
function replace(target: Replaceable, name: keyof Replaceable, instead: Instead): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  const original = target[name];
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return instead((...given) => Reflect.apply(original, this, given), args);
  };
  Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, value });
  return () => {
    if (target[name] !== value) return;
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}
