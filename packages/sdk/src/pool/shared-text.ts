/** Texts that are held for as long as the process runs, because many records have them. */

/** Longer texts repeat seldom. */
export const SHARED_CHARS_MAX = 96;

/**
 * The same text in memory of its own, and the very object that literals of it are: a part of a text otherwise holds the
 * whole for as long as it is held itself.
 */
export function ownText(text: string): string {
  const holder: Record<string, number> = Object.create(null) as Record<string, number>;
  holder[text] = 0;
  return Object.keys(holder)[0] ?? text;
}
