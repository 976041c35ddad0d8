/**
 * Writing to a stream that may be closed at the other end, as the console does it: a reader that has gone is no reason
 * for a program to end.
 */
import type { EventEmitter } from 'node:events';

/** Where lines are written: a stream, or what is like one. */
export interface LineOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** As far as it is one of Node.js. */
type Stream = Partial<Pick<EventEmitter, 'once' | 'off' | 'listenerCount'>> & {
  write(text: string, done: (error?: Error | null) => void): unknown;
};

const swallow = (): void => undefined;

/** Never throws. */
export function writeQuietly(output: LineOutput, text: string): void {
  const stream = output as Stream;
  try {
    stream.once?.('error', swallow);
    stream.write(text, (error) => {
      // Told before the event. Who pipes into it, as workers do, listens as well, and throws where nobody else does.
      if (error instanceof Error && stream.listenerCount?.('error', swallow) === 0)
        stream.once?.('error', swallow);
    });
  } catch {
    // Nobody is left to tell.
  } finally {
    stream.off?.('error', swallow);
  }
}
