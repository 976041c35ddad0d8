/**
 * Patches of packages when they are loaded, whichever way: `require`, `import`, or `import` through another loader.
 *
 * Where `module.registerHooks` works, a hook appends one call to the source of the package's entry. It came with Node
 * 22.15, but until 22.22.3, 24.11.1 and 25.1 a `require` inside a graph of ES modules crashed once a hook was there
 * (nodejs/node#59929); on those versions the module's compile step is wrapped instead, which `require` and `import` of
 * CommonJS both go through. Packages are CommonJS here: an ES module's exports cannot be replaced from outside.
 */
import Module, { registerHooks } from 'node:module';

/** Takes a package's exports and returns what is to stand in their place. Must not throw. */
type Patch = (exports: unknown) => unknown;

export interface PackageEntry {
  /** Name of the package. */
  readonly name: string;
  /** Path of its entry inside the package, with forward slashes. */
  readonly entry: string;
  readonly patch: Patch;
}

/** Where the appended call finds the patches; one name in the whole process, spelt here only. */
const REGISTRY = Symbol.for('aode.load-hook');

type Registry = Map<string, Patch>;

function registry(): Registry {
  const holder = globalThis as { [REGISTRY]?: Registry };
  return (holder[REGISTRY] ??= new Map());
}

/** Whether `registerHooks` can be trusted on this version of Node. */
export function hooksWork(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const from = (a: number, b: number): boolean => minor > a || (minor === a && patch >= b);
  if (major === 22) return from(22, 3);
  if (major === 24) return from(11, 1);
  if (major === 25) return from(1, 0);
  return major > 25;
}

/**
 * Patches packages that are loaded from now on, until disposed of. Those loaded before keep what they have. `version`
 * is given by tests.
 */
export function onPackageLoad(
  packages: readonly PackageEntry[],
  version: string = process.versions.node,
): Disposable {
  const bySuffix = new Map(packages.map((one) => [`/node_modules/${one.name}/${one.entry}`, one]));
  const find = (url: string): PackageEntry | undefined => {
    for (const [suffix, one] of bySuffix) if (url.endsWith(suffix)) return one;
    return undefined;
  };
  for (const { name, patch } of packages) registry().set(name, patch);
  const stop = hooksWork(version) ? hookSources(find) : wrapCompile(find);
  return {
    [Symbol.dispose]() {
      stop();
      for (const { name } of packages) registry().delete(name);
    },
  };
}

type Find = (url: string) => PackageEntry | undefined;

/** The line behind a package's source: hands its exports to the patch, if it is still wanted. */
function appended(name: string): string {
  const key = JSON.stringify(name);
  const description = JSON.stringify(REGISTRY.description);
  return `\n;{const p=globalThis[Symbol.for(${description})]?.get(${key});if(p)module.exports=p(module.exports)}\n`;
}

function hookSources(find: Find): () => void {
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const one = find(url);
      if (one === undefined || !isCommonJs(loaded.format) || loaded.source === undefined) return loaded;
      const source =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array);
      return { ...loaded, source: source.toString() + appended(one.name) };
    },
  });
  return () => hooks.deregister();
}

const isCommonJs = (format: string | null | undefined): boolean =>
  format === undefined || format === null || format.startsWith('commonjs');

/** The part of Node's CommonJS loader that every module passes; undocumented, and unchanged for a decade. */
interface CompilePrototype {
  _compile: (this: Module, content: string, filename: string, ...rest: unknown[]) => unknown;
}

function wrapCompile(find: Find): () => void {
  const prototype = Module.prototype as unknown as CompilePrototype;
  const { _compile: original } = prototype;
  prototype._compile = function compile(content, filename, ...rest) {
    const one = find(filename.replaceAll('\\', '/'));
    return original.call(this, one === undefined ? content : content + appended(one.name), filename, ...rest);
  };
  return () => {
    prototype._compile = original;
  };
}
