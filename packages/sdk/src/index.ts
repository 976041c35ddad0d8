export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
