/** The probe of the boundaries: a process of its own, in the folder of the application, with the SDK before it. */
import { AodeError } from '@aode/base';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { nodeOptions } from '../run.ts';
import type { Shell } from '../shell.ts';
import type { ProbeRow } from './diagnosis.ts';

/** It takes two seconds on a slow machine. */
const PROBE_MS_MAX = 60_000;

/** Throws AODE_PROBE_FAILED when there are no rows to show. */
export async function probeBoundaries(shell: Shell): Promise<readonly ProbeRow[]> {
  const fromSource = fileURLToPath(import.meta.url).endsWith('.ts');
  const file = fileURLToPath(import.meta.resolve('#probe'));
  // Its spans are nobody's business: they end here, and not in a hub.
  const sink = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  });
  await once(sink.listen(0, '127.0.0.1'), 'listening');
  const address = sink.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  try {
    const child = spawn(process.execPath, [file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.any([shell.interrupted, AbortSignal.timeout(PROBE_MS_MAX)]),
      env: {
        ...shell.env,
        NODE_OPTIONS: nodeOptions(shell.env, fromSource),
        AODE_HUB_OTLP: `http://127.0.0.1:${port}`,
      },
    });
    const failed = once(child, 'error').then(([error]) => `\n${String(error)}`);
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const rows = rowsOf(out);
    if (rows !== undefined) return rows;
    shell.interrupted.throwIfAborted();
    const why = err.trim() === '' ? await failed : err.trim();
    throw new AodeError('AODE_PROBE_FAILED', { why: why.split('\n')[0] ?? '' }, new Error(err));
  } finally {
    sink.close();
    sink.closeAllConnections();
  }
}

function rowsOf(out: string): readonly ProbeRow[] | undefined {
  try {
    return JSON.parse(out) as readonly ProbeRow[];
  } catch {
    return undefined;
  }
}
