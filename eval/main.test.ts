import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = mkdtempSync(join(tmpdir(), 'aode-eval-'));
after(() => rmSync(root, { recursive: true }));

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const run = (
  ...args: readonly string[]
): { readonly code: number | null; readonly out: string; readonly err: string } => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@aode/source', MAIN, ...args],
    {
      encoding: 'utf8',
    },
  );
  return { code: status, out: stdout, err: stderr };
};

const FAULT_MS = 1_700_000_600_000;
const nano = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n);

/** `front` calls `back` once a trace; `back` takes `backMs`, with some scatter. */
function traces(fromMs: number, count: number, backMs: number): Buffer {
  const lines = Array.from({ length: count }, (_, i) => {
    const at = fromMs + i * 100;
    const took = backMs + (i % 7);
    const traceId = (Math.floor(fromMs) * 1000 + i).toString(16).padStart(32, '0');
    const span = (id: number, parent: number, startMs: number, endMs: number): object => ({
      traceId,
      spanId: String(id).padStart(16, '0'),
      parentSpanId: parent === 0 ? '' : String(parent).padStart(16, '0'),
      name: `op ${id}`,
      kind: 1,
      startTimeUnixNano: nano(startMs),
      endTimeUnixNano: nano(endMs),
    });
    const of = (service: string, spans: readonly object[]): object => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ spans }],
    });
    return JSON.stringify({
      resourceSpans: [
        of('front', [span(1, 0, at, at + took + 6), span(2, 1, at + 2, at + took + 4)]),
        of('back', [span(3, 2, at + 3, at + 3 + took)]),
      ],
    });
  });
  return gzipSync(lines.join('\n'));
}

const CASE = {
  case: 'slow',
  root_cause_services: ['back'],
  fault_type: 'delay',
  fault_start_unix_ms: FAULT_MS,
  baseline: 'baseline/day.traces.otlp.jsonl.gz',
  traces: 'cases/slow.traces.otlp.jsonl.gz',
  metrics: null,
  logs: null,
};
const QUIET = {
  ...CASE,
  case: 'quiet',
  root_cause_services: [],
  fault_type: 'none',
  traces: 'cases/quiet.traces.otlp.jsonl.gz',
};

/** A set of one case and one quiet window; its `dev` folder. */
function dataSet(name: string, labels: unknown = [CASE]): string {
  const directory = join(root, name, 'dev');
  mkdirSync(join(directory, 'cases'), { recursive: true });
  mkdirSync(join(root, name, 'baseline'));
  writeFileSync(join(root, name, CASE.baseline), traces(FAULT_MS - 600_000, 100, 10));
  writeFileSync(join(directory, CASE.traces), traces(FAULT_MS, 30, 500));
  writeFileSync(join(directory, QUIET.traces), traces(FAULT_MS, 30, 10));
  writeFileSync(join(directory, 'labels.json'), typeof labels === 'string' ? labels : JSON.stringify(labels));
  writeFileSync(join(directory, 'nofault.json'), JSON.stringify([QUIET]));
  return directory;
}

test('the file holds exactly what was promised', () => {
  const directory = dataSet('small-set');
  const json = join(root, 'out.json');
  const { code, out, err } = run('--data', directory, '--json', json);
  assert.equal(code, 0, err);
  assert.match(out, /^all +n= +1 +AC@1 1\.000/m);
  const result = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>;
  const { secondsPerCase, ...rest } = result;
  assert.ok(typeof secondsPerCase === 'number' && secondsPerCase > 0 && secondsPerCase < 5);
  assert.deepEqual(rest, {
    set: 'small-set',
    cases: 1,
    ac1: 1,
    ac3: 1,
    avg5: 1,
    ci95: { ac1: [1, 1] },
    byFault: { delay: { cases: 1, ac1: 1, ac3: 1, avg5: 1 } },
    quiet: { windows: 1, alarms: 0 },
    ranks: { slow: [1] },
  });
});

test('a kind can be left out, an unknown one is refused', () => {
  const directory = dataSet('ablation');
  assert.match(run('--data', directory, '--without', 'self').out, /^slow +delay +0\.\d bits/m);
  const refused = run('--data', directory, '--without', 'self,sefl');
  assert.equal(refused.code, 2);
  assert.match(refused.err, /no kind "sefl".*\nusage/);
});

test('a wrong command line is told in a line, with how to call it', () => {
  for (const args of [[], ['--data'], ['--dta', 'x'], ['--data', 'x', 'more']]) {
    const { code, err } = run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, /^.+\n(.+\n)?usage: npm run eval/);
  }
});

test('data that cannot be read are told in one line that names the file', () => {
  const refused = (directory: string, message: RegExp): void => {
    const { code, err } = run('--data', directory);
    assert.equal(code, 3, err);
    assert.match(err, message);
    assert.equal(err.trimEnd().split('\n').length, 1, err);
  };
  refused(join(root, 'nowhere'), /labels\.json: ENOENT/);
  refused(dataSet('no-json', '{'), /labels\.json: .*JSON/);
  refused(dataSet('no-list', { cases: [] }), /labels\.json: not a list of cases/);
  refused(dataSet('no-cause', [QUIET]), /labels\.json: no case with a root cause/);
  refused(dataSet('no-field', [CASE, { ...CASE, traces: 7 }]), /labels\.json: case 2: traces is not a text/);
  refused(dataSet('no-day', [{ ...CASE, baseline: 'baseline/x.gz' }]), /baseline\/x\.gz: ENOENT/);

  const corrupt = dataSet('corrupt');
  const whole = readFileSync(join(corrupt, CASE.traces));
  writeFileSync(join(corrupt, CASE.traces), whole.subarray(0, whole.length / 2));
  refused(corrupt, /slow\.traces\.otlp\.jsonl\.gz: unexpected end of file/);
  writeFileSync(join(corrupt, CASE.traces), gzipSync('\n{"resourceSpans":[{"resource":7}]}'));
  refused(corrupt, /slow\.traces\.otlp\.jsonl\.gz:2: /);
});
