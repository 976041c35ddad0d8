import { isAodeError } from '@aode/base';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { importSource } from './import-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'aode-import-'));
after(() => rmSync(directory, { recursive: true }));

const TEXT = 'one\ntwo\n'.repeat(20_000);
const nobody = (async function* (): AsyncGenerator<Uint8Array> {})();

async function contentOf(name: string, stdin: AsyncIterable<Uint8Array> = nobody): Promise<string> {
  const source = await importSource(name, stdin, () => undefined);
  const pieces: Uint8Array[] = [];
  for await (const piece of source.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function fileWith(name: string, bytes: Uint8Array | string): string {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return file;
}

const isFileError = (e: unknown): boolean => isAodeError(e) && e.code === 'AODE_IMPORT_FILE';

test('plain, gzip and zstd are told apart by their bytes, not by their names', async () => {
  assert.equal(await contentOf(fileWith('plain.gz', TEXT)), TEXT);
  assert.equal(await contentOf(fileWith('gzip.jsonl', gzipSync(TEXT))), TEXT);
  assert.equal(await contentOf(fileWith('zstd', zstdCompressSync(TEXT))), TEXT);
  assert.equal(
    await contentOf(fileWith('two.gz', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]))),
    'a\nb\n',
  );
  assert.equal(await contentOf(fileWith('empty', '')), '');
});

test('standard input may be compressed too', async () => {
  const stdin = (async function* () {
    yield gzipSync(TEXT);
  })();
  assert.equal(await contentOf('-', stdin), TEXT);
});

test('what is read is counted as it lies on the disk', async () => {
  const file = fileWith('counted.gz', gzipSync(TEXT));
  let consumed = 0;
  const source = await importSource(file, nobody, (bytes) => {
    consumed += bytes;
  });
  let read = 0;
  for await (const piece of source.read()) read += piece.byteLength;
  assert.equal(read, TEXT.length);
  assert.equal(consumed, source.bytes);
});

test('missing files, directories and damaged files have a code', async () => {
  await assert.rejects(contentOf(join(directory, 'nothing')), isFileError);
  await assert.rejects(contentOf(directory), isFileError);
  await assert.rejects(contentOf(fileWith('cut.gz', gzipSync(TEXT).subarray(0, -30))), isFileError);
  const damaged = gzipSync(TEXT);
  damaged.fill(0xff, 40, 60);
  await assert.rejects(contentOf(fileWith('damaged.gz', damaged)), isFileError);
});
