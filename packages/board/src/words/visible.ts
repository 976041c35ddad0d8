/**
 * Telemetry text, made safe to look at: characters that are not there to be read (controls, bidirectional overrides,
 * zero-width marks, halves of surrogate pairs) are told apart, so that they can be shown by their number instead of
 * doing what they would do.
 */

export interface Stretch {
  readonly text: string;
  /** An escape such as `U+202E` stands for a character that must not act. */
  readonly escape: boolean;
}

// C0 and C1 controls without tab and line feed, bidi marks and overrides, zero-width characters, line separators,
// interlinear and tag characters, lone surrogates. By Unicode 16, general categories Cc and Cf as far as they act.
const UNSEEN = new RegExp(
  [
    String.raw`(?![\t\n])\p{Cc}`,
    String.raw`[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]`,
    String.raw`[\u{e0000}-\u{e007f}]`,
    // A joiner is at home between two pictures only: a family is one emoji.
    String.raw`(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d`,
    String.raw`\u200d(?!\p{Extended_Pictographic})`,
    String.raw`\p{Cs}`,
  ].join('|'),
  'gu',
);

export function stretchesOf(text: string): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > from) stretches.push({ text: text.slice(from, match.index), escape: false });
    const code = match[0].codePointAt(0) ?? 0;
    stretches.push({ text: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, escape: true });
    from = match.index + match[0].length;
  }
  if (from < text.length || text === '') stretches.push({ text: text.slice(from), escape: false });
  return stretches;
}

/** For titles and labels, which take no elements. Line breaks stay. */
export function visibleText(text: string): string {
  return stretchesOf(text)
    .map((stretch) => (stretch.escape ? `⟨${stretch.text}⟩` : stretch.text))
    .join('');
}

/** At most `max` UTF-16 units, never ending between the halves of a pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)}…`;
}

/** The address when it is one that may be followed from a page, else null. */
export function safeLink(text: string): string | null {
  if (!/^(https?:\/\/|mailto:)/i.test(text) || /[\s\p{Cc}]/u.test(text) || text.length > 2048) return null;
  return URL.canParse(text) ? text : null;
}
