/** What is said to one hub about asks, by whichever version of HTTP its endpoint speaks. */
export interface AskLine {
  /** Status of the answer; undefined when there was none. Never rejects. */
  post(body: string): Promise<number | undefined>;
  /** `query` as in AskTransport.open: calls `onEnd` once. */
  open(query: string, hear: AskHearer): Disposable;
  close(): void;
}

export interface AskHearer {
  readonly onLine: (line: string) => void;
  readonly onEnd: (status: number | undefined) => void;
}

export const ASKS_PATH = '/aode/v1/asks';

/** Sampling settings are the longest lines, at most 64 KiB; a receiver that sends longer ones is none of ours. */
const LINE_CHARS_MAX = 128 * 1024;

/** What comes of an answer, as texts, becomes lines. Returns false when it is none of a hub. */
export function lineReader(onLine: (line: string) => void): (part: string) => boolean {
  let rest = '';
  return (part) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    return rest.length <= LINE_CHARS_MAX;
  };
}
