export { HUB_DEFAULTS, type HubOptions } from './options.ts';
export { type Hub, type HubAddresses, startHub } from './start.ts';
export interface HubOptions {
    readonly dataDirectory: string | undefined;
    readonly boardPort: number;
    readonly otlpHttpPort: number;
    readonly otlpGrpcPort: number;
    readonly bytesMax: number | undefined;
    readonly ageMaxMs: number | undefined;
    readonly token: string | undefined;
    readonly requestBytesMax: number;
}
export declare const HUB_DEFAULTS: HubOptions;
import { type Clock } from '@aode/base';
import { type HubOptions } from './options.ts';
export interface HubAddresses {
    readonly board: string;
    readonly otlpHttp: string;
    readonly otlpGrpc: string;
}
export interface Hub extends AsyncDisposable {
    readonly addresses: HubAddresses;
    close(): Promise<void>;
}
export declare function startHub(options?: Partial<HubOptions>, clock?: Clock): Promise<Hub>;
