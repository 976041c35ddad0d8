/**
 * Phrases with holes: `{n} of {m} {m|service|services} fail`. A hole takes text, a number or an element; a hole with
 * forms takes the number of that name and picks singular or plural. Nothing is ever glued together from halves of
 * sentences, so a translation may put its holes in any order.
 */

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hole'; readonly name: string }
  | { readonly kind: 'forms'; readonly name: string; readonly one: string; readonly other: string };

const HOLE = /\{(\w+)(?:\|([^|{}]*)\|([^{}]*))?\}/g;
const parsed = new Map<string, readonly Piece[]>();

export function piecesOf(phrase: string): readonly Piece[] {
  const known = parsed.get(phrase);
  if (known !== undefined) return known;
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of phrase.matchAll(HOLE)) {
    if (match.index > from) pieces.push({ kind: 'text', text: phrase.slice(from, match.index) });
    const [whole, name = '', one, other] = match;
    pieces.push(
      one === undefined || other === undefined ? { kind: 'hole', name } : { kind: 'forms', name, one, other },
    );
    from = match.index + whole.length;
  }
  if (from < phrase.length) pieces.push({ kind: 'text', text: phrase.slice(from) });
  parsed.set(phrase, pieces);
  return pieces;
}

/** Names of the holes that take something visible, each once, sorted. */
export function holesOf(phrase: string): readonly string[] {
  const names = piecesOf(phrase).flatMap((piece) => (piece.kind === 'hole' ? [piece.name] : []));
  return [...new Set(names)].sort();
}
