/** The questions of the Store by name, each a function of its own file. */
import type { ReadName } from './message.ts';
import type { Store } from './store.ts';
import type { ReadContext } from './read-context.ts';
import { readLog, readLogHistogram, readLogs } from './log-search.ts';
import { readLogTail } from './log-tail.ts';
import { readMetrics } from './metric-read.ts';
import { readOperations, readRed, readServiceNames, readServices } from './service-read.ts';
import { readSdkHealth } from './sdk-health-read.ts';
import { readStatus } from './status-read.ts';
import { readTrace, readTraceRecords } from './trace-read.ts';
import { readScatter, readTraces } from './trace-search.ts';
import { readWindow } from './window-read.ts';

/** The same arguments and answers as the Store's own, with the context in front. */
export type Reads = {
  readonly [Name in ReadName]: (
    context: ReadContext,
    ...args: Parameters<Store[Name]>
  ) => ReturnType<Store[Name]>;
};

export const reads: Reads = {
  status: readStatus,
  services: readServices,
  operations: readOperations,
  red: readRed,
  traces: readTraces,
  scatter: readScatter,
  trace: readTrace,
  traceRecords: readTraceRecords,
  logs: readLogs,
  logTail: readLogTail,
  log: readLog,
  logHistogram: readLogHistogram,
  metrics: readMetrics,
  sdkHealth: readSdkHealth,
  window: readWindow,
  serviceNames: readServiceNames,
};
