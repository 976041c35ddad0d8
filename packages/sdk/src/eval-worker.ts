/**
 * Node.js runs what `--import` names in every worker thread but those that start from a text (`eval: true`); in those
 * the SDK is started by a statement in front of the text. A thread whose `execArgv` the application has chosen gets
 * what was chosen.
 */
import { syncBuiltinESMExports } from 'node:module';
import threads, { type WorkerOptions } from 'node:worker_threads';

/** `register`: path of the module that starts the SDK. For as long as the process lives, as `--import` is. */
export function startInEvalWorkers(register: string): void {
  const path = JSON.stringify(register);
  const call = `process.getBuiltinModule('module').createRequire(${path})(${path});`;
  threads.Worker = new Proxy(threads.Worker, {
    construct(target, [code, options, ...rest]: [unknown, WorkerOptions | undefined, ...unknown[]], self) {
      const isOurs = typeof code === 'string' && options?.eval === true && options.execArgv === undefined;
      return Reflect.construct(
        target,
        [isOurs ? inFront(call, code) : code, options, ...rest],
        self,
      ) as object;
    },
  });
  syncBuiltinESMExports();
}

const STRICT = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*(['"])use strict\1/;

/** On the same line, so that all others keep their numbers; a directive stays one. */
function inFront(call: string, code: string): string {
  return (STRICT.test(code) ? `'use strict';${call}` : call) + code;
}
