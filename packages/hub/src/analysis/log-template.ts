/** What stays of a log line when its values are taken out: lines of one statement get one template. */

const READ_CHARS = 240;
const TEMPLATE_CHARS = 100;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/gi;
const PARENTHESIS = /\(.*/s;
const WITH_DIGIT = /[^\s[\]:,]*\d[^\s[\]]*/g;

/** Ids and numbers become `*`, what follows the first parenthesis goes (arguments, stack frames), blanks are joined. */
export function templateOf(body: string): string {
  return body
    .slice(0, READ_CHARS)
    .replace(UUID, '*')
    .replace(PARENTHESIS, '(')
    .replace(WITH_DIGIT, '*')
    .replace(/\s+/g, ' ')
    .slice(0, TEMPLATE_CHARS);
}
