/**
 * The program of the agent's worker as one text. Empty in the source, where agent-worker.ts is run as it is; the build
 * puts the text here.
 */
export const AGENT_CODE = '';
