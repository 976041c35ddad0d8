/** A place in the code where requests have lost their context, as it is told; found by trace/lost-context.ts. */

/**
 * `root`: a span began without its request. `answer_outside`: a response was answered where no span was active.
 * `answer_in_other`: it was answered in the context of another request.
 */
export type LostHow = 'root' | 'answer_outside' | 'answer_in_other';

export interface LostContext {
  readonly how: LostHow;
  /** Of the span that began, or of the request that was answered. */
  readonly name: string;
  /** `file:line:column` of the code that noticed it; undefined where only libraries ran. */
  readonly place: string | undefined;
  /** Of the function that the event loop has called, if another: what called back is behind it. */
  readonly entry: string | undefined;
  readonly count: number;
}
