/** The browser's clock and timers: the only place where the board reads the time or waits. */

/** Milliseconds since 1970. */
export function nowMs(): number {
  return Date.now();
}

/** Calls once after `ms`; the result cancels. */
export function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

/** Calls every `ms`; the result cancels. */
export function every(ms: number, call: () => void): () => void {
  const timer = setInterval(call, ms);
  return () => clearInterval(timer);
}
