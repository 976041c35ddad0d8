export { carry, type CarriedContext, type Carry } from './context/carry.ts';
export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
