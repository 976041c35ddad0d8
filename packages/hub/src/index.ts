export { HUB_DEFAULTS, type HubOptions } from './options.ts';
export { type Hub, type HubAddresses, startHub } from './start.ts';
