/** Text that fits a line of the terminal. */
import stringWidth from 'string-width';

/** At most `columns` wide, wide characters counted as the terminal shows them. */
export function fitted(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let width = 0;
  let end = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    end += segment.length;
  }
  return `${text.slice(0, end)}…`;
}
