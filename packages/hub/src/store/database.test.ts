import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/store-contract.ts';
import { openDatabase } from './database.ts';
import { rowsOf } from './query.ts';

const OPTIONS = { directory: undefined, memoryBytesMax: 100_000_000, threads: 2 };

test('the engine may reach nothing but its own file, and nobody may change that', async (t) => {
  const directory = temporaryDirectory(t);
  const database = await openDatabase({ ...OPTIONS, directory: join(directory, 'data') });
  try {
    const connection = await database.connect();
    const settings = [
      ['autoinstall_known_extensions', 'false'],
      ['autoload_known_extensions', 'false'],
      ['allow_community_extensions', 'false'],
      ['enable_external_access', 'false'],
      ['lock_configuration', 'true'],
      ['threads', '2'],
      ['memory_limit', '95.3 MiB'],
      ['temp_directory', join(directory, 'data', 'tmp')],
    ] as const;
    for (const [name, value] of settings) {
      const [row] = await rowsOf(connection, `SELECT current_setting('${name}')::VARCHAR AS value`);
      assert.equal(row?.['value'], value, name);
    }
    const secret = join(directory, 'secret.csv');
    writeFileSync(secret, 'a,b\n1,2\n');
    const forbidden = [
      `SELECT * FROM read_csv('${secret}')`,
      `SELECT * FROM read_text('${secret}')`,
      `COPY (SELECT 1) TO '${join(directory, 'out.csv')}'`,
      `ATTACH '${join(directory, 'other.duckdb')}'`,
      `INSTALL httpfs`,
      `LOAD httpfs`,
      `SET enable_external_access = true`,
      `SET lock_configuration = false`,
      `SET memory_limit = '10GB'`,
    ];
    for (const statement of forbidden) {
      await assert.rejects(
        connection.run(statement),
        /disabled (by|through) configuration|has been locked/i,
        statement,
      );
    }
    connection.closeSync();
  } finally {
    database.close();
  }
});

test('a quote in the path of the data is part of the path', async (t) => {
  const directory = join(temporaryDirectory(t), `it's "data"; DROP`);
  const database = await openDatabase({ ...OPTIONS, directory });
  database.close();
  const again = await openDatabase({ ...OPTIONS, directory });
  assert.equal(again.directory?.fresh, false);
  again.close();
});
