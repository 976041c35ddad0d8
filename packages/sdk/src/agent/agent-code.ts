/**
 * The programs that run beside the application, each as one text: a bundler that takes the SDK into a file of its own
 * knows nothing of other files. Empty in the source, where the files beside this one are run as they are; the build
 * puts the texts here.
 */

/** agent-worker.ts, as CommonJS. */
export const AGENT_CODE = '';

/** exit-sender.ts, as CommonJS. */
export const SENDER_CODE = '';
