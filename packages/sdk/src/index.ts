export { type PropagatorAdapter, type TracerAdapter } from './adapters.ts';
export { type InstrumentationReport } from './instrument/instrumentation.ts';
export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
