import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Attribute, type LogRecord, type Metric, type Resource, type Span } from '@aode/wire';
interface Received {
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: Uint8Array;
}
type Answer = (request: Received, response: ServerResponse) => boolean;
export interface Receiver extends AsyncDisposable {
    readonly endpoint: string;
    readonly requests: Received[];
    readonly spans: Span[];
    readonly logs: LogRecord[];
    readonly metrics: Metric[];
    readonly resources: Resource[];
    answer: Answer;
    until(condition: () => boolean): Promise<void>;
}
export declare function openReceiver(): Promise<Receiver>;
export declare function attributesOf(from: {
    readonly attributes: readonly Attribute[];
}): Record<string, unknown>;
export {};
