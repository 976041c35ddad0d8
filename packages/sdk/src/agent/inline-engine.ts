/**
 * The agent on the application's own thread, for processes that may have no worker or whose agent has died. It reads
 * and sends between turns of the event loop; at the end of the process a program of its own delivers what is left.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Clock, durationMs } from '@aode/base';
import { createPoster, type Poster, type PostOptions, type Shipper } from '@aode/journal';
import { environment } from '../env.ts';
import { type Ledger, readLedger } from '../loss/ledger.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import type { Agent } from './agent.ts';
import { SENDER_CODE } from './agent-code.ts';
import { AgentCounts } from './agent-counts.ts';
import type { AskClient, AskTransport } from './ask-client.ts';
import { createAskTransport } from './ask-transport.ts';
import { createAgent } from './create-agent.ts';
import type { Engine, EngineParts } from './engine.ts';
import type { ExitOrder } from './exit-sender.ts';

/** Arguments of Node.js. The file is asked for only where there is one: a bundle has no address of its own. */
const senderArgs = (): readonly string[] =>
  SENDER_CODE === ''
    ? [fileURLToPath(import.meta.url.replace(/inline-engine\.ts$/, 'exit-sender.ts'))]
    : ['--input-type=commonjs', '--eval', SENDER_CODE];

export function startInlineEngine(parts: EngineParts): Engine {
  return new InlineEngine(parts);
}

class InlineEngine implements Engine {
  readonly pool: PoolWriter;
  beforeEnd: () => void = () => undefined;
  readonly #agent: Agent;
  readonly #shipper: Shipper;
  readonly #asks: AskClient;
  readonly #transport: AskTransport & Disposable;
  readonly #poster: Poster;
  readonly #counts: AgentCounts;
  readonly #clock: Clock;
  readonly #post: PostOptions;
  readonly #flushIntervalMs: number;
  #timer: Disposable | undefined;

  constructor(parts: EngineParts) {
    const { clock, post, budget } = parts;
    const buffer = new ArrayBuffer(budget.poolBytes);
    this.#clock = clock;
    this.#post = post;
    this.#flushIntervalMs = parts.flushIntervalMs;
    this.#counts = new AgentCounts(new ArrayBuffer(512));
    this.#poster = createPoster(post);
    this.pool = new PoolWriter(buffer, () => this.wake(true));
    this.#transport = createAskTransport(post, parts.instance);
    const { agent, shipper, asks } = createAgent(
      { resource: parts.resource, instance: parts.instance, journalBytesMax: budget.journalBytes },
      { ...parts, pools: [buffer], poster: this.#poster, counts: this.#counts, asks: this.#transport },
    );
    this.#agent = agent;
    this.#shipper = shipper;
    this.#asks = asks;
  }

  wake(urgent: boolean): void {
    if (urgent) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = this.#clock.timer(durationMs(0), () => this.#read());
    } else if (this.#timer === undefined) {
      this.#timer = this.#clock.timer(durationMs(this.#flushIntervalMs), () => this.#read());
    }
  }

  #read(): void {
    this.#timer = undefined;
    this.pool.sealAll();
    this.#agent.step();
    if (this.#agent.hasMore) this.wake(true);
  }

  flush(deadlineMs: number): Promise<boolean> {
    this.pool.sealAll();
    return this.#agent.flush(deadlineMs);
  }

  flushAndWait(deadlineMs: number): boolean {
    this.pool.sealAll();
    while (this.#agent.hasMore) this.#agent.step();
    const taken = this.#shipper.takeOver();
    const { requests } = taken;
    const delivered =
      deadlineMs < 1 || requests.length === 0 ? new Set<number>() : this.#send(requests, deadlineMs);
    taken.settle(delivered, 'the process has ended');
    return delivered.size === requests.length;
  }

  /** Indices of the requests that were delivered, as far as is known. */
  #send(
    requests: readonly { readonly signal: string; readonly body: Uint8Array }[],
    timeoutMs: number,
  ): Set<number> {
    const { endpoint, headers } = this.#post;
    const batches = requests.map(({ signal, body }) => ({ signal, bytes: body.byteLength }));
    const order: ExitOrder = { endpoint, headers, timeoutMs, batches };
    try {
      const { stdout } = spawnSync(process.execPath, senderArgs(), {
        input: Buffer.concat([
          Buffer.from(`${JSON.stringify(order)}\n`),
          ...requests.map(({ body }) => body),
        ]),
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        // The application's NODE_OPTIONS would load the SDK into the sender; its certificates are needed.
        env: { ...environment(), NODE_OPTIONS: '' },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      return new Set(stdout.toString().split('\n').filter(Boolean).map(Number));
    } catch {
      return new Set(); // No process may be started here, or there is no memory for one.
    }
  }

  ledger(): Ledger {
    return readLedger([this.pool.counts], this.#counts);
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#asks[Symbol.dispose]();
    this.#shipper[Symbol.dispose]();
    this.#transport[Symbol.dispose]();
    this.#poster.close();
  }
}
