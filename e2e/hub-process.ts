/** A hub as a user runs it: `aode up` in a process of its own, on ports that may be given so that it can come back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface HubPorts {
  readonly board: number;
  readonly http: number;
  readonly grpc: number;
}

export interface HubProcess {
  readonly child: ChildProcess;
  /** Base addresses without a trailing slash. */
  readonly board: string;
  readonly http: string;
  readonly grpc: string;
  /** Everything it has said on standard error. */
  complaints(): string;
  /** Ends it by SIGINT and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Ports that were free a moment ago. */
export async function freePorts(): Promise<HubPorts> {
  const servers = await Promise.all(
    [0, 0, 0].map(async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a port');
    return address.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [board = 0, http = 0, grpc = 0] = ports;
  return { board, http, grpc };
}

/** Starts a hub and waits until it says that it is ready. `data` undefined keeps nothing. */
export async function startHubProcess(data: string | undefined, ports?: HubPorts): Promise<HubProcess> {
  const at = ports ?? (await freePorts());
  const where = data === undefined ? ['--memory'] : ['--data', data];
  const flags = ['--port', at.board, '--otlp-http-port', at.http, '--otlp-grpc-port', at.grpc].map(String);
  const program = ['--conditions=@aode/source', 'packages/cli/bin/aode.js', 'up', '--json'];
  const child = spawn(process.execPath, [...program, ...where, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails does not come to its stop(): the hub would stay behind and hold its ports and its directory.
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
  });
  const ready = once(createInterface(child.stdout), 'line');
  const gone = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`the hub ended with ${String(code)} before it was ready\n${said}`);
  });
  await Promise.race([ready, gone]);
  gone.catch(() => undefined);
  return {
    child,
    board: `http://127.0.0.1:${at.board}`,
    http: `http://127.0.0.1:${at.http}`,
    grpc: `http://127.0.0.1:${at.grpc}`,
    complaints: () => said,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

/** GET of the hub's API, parsed. */
export async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
