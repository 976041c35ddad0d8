/**
 * Headers where they stand, names and values in turn. Node makes `headers` and `headersDistinct` from them anew for
 * each message, of all of them, while few are asked for. Bench: bench/hop.bench.ts.
 */

/** All values of a name in lower case; undefined when it did not come. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] | undefined {
  let values: string[] | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const given = rawHeaders[i] ?? '';
    // Most names differ in their length.
    if (given.length !== name.length || (given !== name && given.toLowerCase() !== name)) continue;
    const value = rawHeaders[i + 1] ?? '';
    if (values === undefined) values = [value];
    else values.push(value);
  }
  return values;
}
