/** A program of this host, run for its few lines of output. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '../../env.ts';

const OUTPUT_BYTES_MAX = 65_536;

/** Rejects when it is not there, fails, says too much or takes longer than `timeoutMs`. */
export function runCommand(file: string, args: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_BYTES_MAX,
        windowsHide: true,
        // Their words are read, and the application's NODE_OPTIONS are none of theirs.
        env: { PATH: environment()['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
      },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(error);
      },
    );
    child.unref();
    for (const end of [child.stdin, child.stdout, child.stderr]) {
      // Pipes keep a loop alive as sockets do.
      (end as unknown as { unref?: () => void } | null)?.unref?.();
    }
  });
}

/** Whether a program of this name can be run here. */
export function hasCommand(file: string): boolean {
  const path = environment()['PATH'] ?? '';
  return path.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, file)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
