/** Records that are no plain objects: the ids are put into themselves, and taken out again. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { IN_SPAN, recordLines } from '../testing/line-recorder.ts';
import { output, patched, winston } from '../testing/winston-output.ts';

test('a record with a class of its own keeps what is private to it, gets the ids, and gives them back', () => {
  class Refused extends Error {
    readonly #code = 42;
    toJSON(): unknown {
      return { code: this.#code, ids: Object.keys(this).filter((key) => key.endsWith('_id')) };
    }
  }
  const recorder = recordLines(IN_SPAN);
  using _ = patched(recorder);
  const { make, text: written } = output();
  const error = new Refused('no');
  make().error(error);
  assert.match(written(), /"code":42/);
  assert.match(written(), /trace_id/);
  assert.ok(!('trace_id' in error));
  assert.equal(recorder.lines.length, 1);
  make().info(new Map([['a', 1]]) as never);
  assert.equal(recorder.lines.length, 2);
});

test('so does one that has waited for a slow transport', async () => {
  class Event {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    get message(): string {
      return this.#name;
    }
  }
  const recorder = recordLines(IN_SPAN);
  using _ = patched(recorder);
  const waiting: (() => void)[] = [];
  const slow = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (_info, _encoding, done) => void waiting.push(done),
  });
  const log = winston.createLogger({ transports: [Object.assign(slow, { log: () => undefined }) as never] });
  const events = Array.from({ length: 60 }, (_each, i) => new Event(`event ${i}`));
  for (const event of events) log.info(event as never);
  assert.ok(recorder.lines.length < 60, 'some wait');
  while (recorder.lines.length < 60) {
    waiting.shift()?.();
    await nextTurn();
  }
  assert.ok(events.every((event) => !('trace_id' in event)));
  assert.ok(recorder.lines.every(({ text }) => text.includes('"trace_id"')));
});
