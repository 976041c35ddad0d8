/**
 * A record that a logger has not made JSON of, as JSON: whatever is in it. What cannot be read is named and the rest
 * stays; nothing throws.
 */

/** Deeper is no record of a line; it ends cycles that `seen` does not, those of objects made while they are read. */
const DEPTH_MAX = 64;

/** Undefined for what cannot even be asked for its keys. */
export function jsonLine(record: object): string | undefined {
  try {
    return JSON.stringify(record, replacer());
  } catch {
    // Once more, member by member.
  }
  let keys: string[];
  try {
    keys = Object.keys(record);
  } catch {
    return undefined;
  }
  const members: string[] = [];
  for (const key of keys) {
    const value = memberOf(record as Readonly<Record<string, unknown>>, key);
    if (value !== undefined) members.push(`${JSON.stringify(key)}:${value}`);
  }
  return `{${members.join(',')}}`;
}

/** The same of any value; undefined for what JSON does not have. */
export function jsonValue(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, replacer());
  } catch (error) {
    return JSON.stringify(`[unreadable: ${messageOf(error)}]`);
  }
}

function memberOf(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  try {
    return JSON.stringify(record[key], replacer());
  } catch (error) {
    return JSON.stringify(`[unreadable: ${messageOf(error)}]`);
  }
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'nobody knows why';
  }
}

type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/** Numbers that JSON does not have are text, and so is where a cycle closes. */
function replacer(): Replacer {
  const above: unknown[] = [];
  return function replace(_, value) {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(value)) return '[Circular]';
    if (above.length >= DEPTH_MAX) return '[Deeper]';
    above.push(value);
    return value;
  };
}
