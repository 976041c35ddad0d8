/** The loggers of an application as one thing to take back: pino, winston, bunyan as they are loaded, the console. */
import { onPackageLoad, type PackageEntry } from '../load-hook.ts';
import { patchBunyan } from './bunyan.ts';
import { patchConsole } from './console.ts';
import type { LineWriter } from './line-writer.ts';
import type { LineSink } from './log-line.ts';
import type { LogOptions } from './log-options.ts';
import { NestedLines } from './nested-lines.ts';
import { patchPino } from './pino.ts';
import { patchWinston } from './winston.ts';

export interface LoggersParts {
  readonly lines: LineWriter;
  /** Undefined when lines are not sent. */
  readonly sink: LineSink | undefined;
  readonly options: Pick<LogOptions, 'debugLines' | 'consoleLines'>;
}

export function patchLoggers({ lines, sink, options }: LoggersParts): Disposable {
  const nested = new NestedLines();
  const done: Disposable[] = [];
  const { debugLines, consoleLines } = options;
  const packages: readonly PackageEntry[] = [
    {
      name: 'pino',
      entry: 'pino.js',
      patch: (exports) =>
        patchPino(exports, {
          lines,
          isSending: sink !== undefined,
          debugLines: debugLines === 'off' || sink === undefined ? undefined : debugLines,
          isBelowWanted: () => sink?.wants(lines.span()) === true,
        }),
    },
    {
      name: 'winston',
      entry: 'lib/winston.js',
      patch(exports) {
        done.push(patchWinston(exports, { lines, nested }));
        return exports;
      },
    },
    {
      name: 'bunyan',
      entry: 'lib/bunyan.js',
      patch(exports) {
        done.push(patchBunyan(exports, { lines, nested }));
        return exports;
      },
    },
  ];
  done.push(onPackageLoad(packages));
  if (consoleLines !== 'off' && sink !== undefined) {
    done.push(patchConsole(globalThis.console, { lines, nested, from: consoleLines }));
  }
  return { [Symbol.dispose]: () => done.toReversed().forEach((one) => one[Symbol.dispose]()) };
}
