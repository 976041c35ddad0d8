/**
 * Instrumentations at work: with our providers behind them, their patches kept from throwing into the application's
 * `require`, and the loader hook beneath them that they need for ES modules.
 */
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { AodeError, type Diag } from '@aode/base';
import type { TracerProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '../log/logger-provider.ts';
import type { Loaded } from './contrib.ts';
import {
  type Instrumentation,
  type InstrumentationReport,
  OWN_BOUNDARIES,
  patchedModules,
} from './instrumentation.ts';

export interface EnableParts {
  readonly provider: TracerProvider;
  readonly logger: LoggerProvider | undefined;
  readonly diag: Diag;
}

export interface Enabled extends Disposable {
  /** As of now: a patch may throw long after it was enabled. */
  reports(): readonly InstrumentationReport[];
}

/** Those of boundaries that Aode records itself are switched off; the others work until disposed of. */
export function enableInstrumentations(
  instrumentations: readonly Instrumentation[],
  parts: EnableParts,
): Enabled {
  const all = instrumentations.map((one) => new Switched(one, parts));
  return {
    reports: () => all.map((one) => one.report()),
    [Symbol.dispose]: () => all.forEach((one) => one.off()),
  };
}

/** One instrumentation, and what became of it. */
class Switched {
  readonly #one: Instrumentation;
  readonly #diag: Diag;
  #why: string | undefined;

  constructor(one: Instrumentation, parts: EnableParts) {
    this.#one = one;
    this.#diag = parts.diag;
    if (this.#isOurs) this.off();
    else this.#on(parts);
  }

  get #isOurs(): boolean {
    return OWN_BOUNDARIES.has(this.#one.instrumentationName);
  }

  #on({ provider, logger }: EnableParts): void {
    const one = this.#one;
    this.#try(() => {
      for (const module of patchedModules(one)) {
        this.#guard(module);
        module.files?.forEach((file) => this.#guard(file));
      }
      one.setTracerProvider(provider);
      if (logger !== undefined) one.setLoggerProvider?.(logger);
      if (one.getConfig?.().enabled !== true) one.enable();
    });
  }

  /** A patch that throws would do so in the application's `require`; it leaves the module as it is instead. */
  #guard(holder: { patch?: unknown }): void {
    const { patch } = holder;
    if (typeof patch !== 'function') return;
    const attempt = (work: () => void): void => this.#try(work);
    holder.patch = function guarded(this: unknown, exports: unknown, ...rest: readonly unknown[]): unknown {
      let patched: unknown = exports;
      attempt(() => {
        patched = patch.call(this, exports, ...rest) as unknown;
      });
      return patched;
    };
  }

  off(): void {
    this.#try(() => this.#one.disable());
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      const name = this.#one.instrumentationName;
      this.#why = error instanceof Error ? error.message : String(error);
      this.#diag.warn(new AodeError('AODE_INSTRUMENTATION_FAILED', { name, why: this.#why }, error));
    }
  }

  report(): InstrumentationReport {
    const { instrumentationName: name, instrumentationVersion: version } = this.#one;
    if (this.#why !== undefined) return { name, version, state: 'failed', reason: this.#why };
    if (this.#isOurs) return { name, version, state: 'aode', reason: 'Aode records this boundary itself' };
    return { name, version, state: 'enabled', reason: 'given by the application' };
  }
}

/** Where somebody has put the hook beneath the application already, a second would wrap every module twice. */
const HOOK_GIVEN = /import-in-the-middle|@opentelemetry\/instrumentation\/hook\.mjs/;

interface SyncHooks {
  readonly supportsSyncHooks: () => boolean;
  readonly register: (options: HookOptions) => void;
}

interface HookOptions {
  readonly include: readonly RegExp[];
}

/**
 * ES modules cannot be patched from outside; import-in-the-middle, which instrumentations are built on, puts a module
 * of its own in front of each that is to be. It wants a loader hook: in the thread itself where Node and its version
 * can, by `module.register` elsewhere. Only what the instrumentations patch is wrapped: nobody else's module changes.
 */
export function hookImports(loaded: readonly Loaded[], nodeOptions: string, diag: Diag): void {
  if (HOOK_GIVEN.test(`${process.execArgv.join(' ')} ${nodeOptions}`)) return;
  const names = new Set(
    loaded.flatMap(({ instrumentation }) => patchedModules(instrumentation).map(({ name }) => name)),
  );
  if (names.size === 0) return;
  const options: HookOptions = { include: Array.from(names, patternOf) };
  for (const { entry, instrumentation } of loaded) {
    try {
      hookOnce(entry, options);
    } catch (error) {
      const why = `ES modules cannot be patched: ${error instanceof Error ? error.message : String(error)}`;
      const name = instrumentation.instrumentationName;
      diag.warn(new AodeError('AODE_INSTRUMENTATION_FAILED', { name, why }, error));
    }
  }
}

const hooked = new Set<string>();

/** Each installed copy of import-in-the-middle knows only the hooks that were told to it. */
function hookOnce(from: string, options: HookOptions): void {
  const require = createRequire(createRequire(from).resolve('@opentelemetry/instrumentation'));
  const entry = require.resolve('import-in-the-middle');
  if (hooked.has(entry)) return;
  hooked.add(entry);
  const sync = syncHooksOf(require);
  if (sync?.supportsSyncHooks() === true) sync.register(options);
  else register('import-in-the-middle/hook.mjs', { parentURL: pathToFileURL(entry).href, data: options });
}

/** Undefined before version 3. */
function syncHooksOf(require: NodeJS.Require): SyncHooks | undefined {
  try {
    return require('import-in-the-middle/register-hooks.mjs') as SyncHooks;
  } catch {
    return undefined;
  }
}

/** By the URL of a module: of Node's own, or in a package of that name. */
function patternOf(name: string): RegExp {
  const escaped = name.replace(/^node:/, '').replaceAll(/[^\w/@-]/g, '\\$&');
  return new RegExp(`^node:${escaped}$|/node_modules/${escaped}/`);
}
