import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Line, linesOf } from './import-line.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function linesIn(pieces: readonly Uint8Array[], bytesMax = 1000): Promise<Line[]> {
  const from = (async function* () {
    yield* pieces;
  })();
  const lines: Line[] = [];
  for await (const line of linesOf(from, bytesMax)) lines.push(line);
  return lines;
}

const textOf = ({ number, bytes }: Line): string => `${number}:${bytes && new TextDecoder().decode(bytes)}`;

test('wherever the pieces are cut, the lines are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'ü', ' ', '\n', '\r') }), { maxLength: 20 }),
      async (parts) => {
        const lines = await linesIn(parts.map(bytesOf));
        const wanted = parts
          .join('')
          .split('\n')
          .map((text, i) => ({ text, number: i + 1 }))
          .filter(({ text }) => !/^[ \r]*$/.test(text))
          .map(({ text, number }) => `${number}:${text}`);
        assert.deepEqual(lines.map(textOf), wanted);
      },
    ),
  );
});

test('the longest line that is taken, and the first that is not', async () => {
  const lines = await linesIn([bytesOf(`${'x'.repeat(10)}\n${'y'.repeat(6)}`), bytesOf('yyyyy\nz')], 10);
  assert.deepEqual(lines.map(textOf), [`1:${'x'.repeat(10)}`, '2:undefined', '3:z']);
});
