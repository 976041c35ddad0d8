export { createLog, log, type Log, type LogFields, type LogLevel, type LogSettings } from './log/aode-log.ts';
export { carry, type CarriedContext, type Carry } from './context/carry.ts';
export { type ClockReading, type ClockReport, type ClockStatus } from './clock/clock-reading.ts';
export type {
  DoctorReport,
  EarlyPackage,
  LoadedLibrary,
  MisusedSpans,
  UnfinishedSpans,
  UsedBoundary,
} from './doctor/report.ts';
export type { LostContext, LostHow } from './loss/lost-context.ts';
export { type PropagatorAdapter, type TracerAdapter } from './adapters.ts';
export { type InstrumentationReport } from './instrument/instrumentation.ts';
export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
export { openSpan, withSpan } from './trace/with-span.ts';
