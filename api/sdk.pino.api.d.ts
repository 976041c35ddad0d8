import { type AodeDestination, type AodeDestinationOptions } from './log/pino-destination.ts';
import type { LineOutput } from './log/quiet-write.ts';
export type { AodeDestination, AodeDestinationOptions, LineOutput };
export declare function aode(options?: AodeDestinationOptions): AodeDestination;
import { type LineOutput } from './quiet-write.ts';
export interface AodeDestinationOptions {
    readonly also?: LineOutput | null;
    readonly pretty?: boolean;
}
export interface AodeDestination {
    readonly writable: true;
    write(text: string): boolean;
    flush(done?: (error?: Error) => void): void;
    flushSync(): void;
    end(): void;
    emit(event: string, ...args: unknown[]): boolean;
    on(event: string, listener: (...args: unknown[]) => void): this;
    once(event: string, listener: (...args: unknown[]) => void): this;
    off(event: string, listener: (...args: unknown[]) => void): this;
}
export interface Standard {
    readonly stdout: LineOutput;
    readonly stderr: LineOutput;
}
export declare function createDestination({ also, pretty }: AodeDestinationOptions, standard: Standard): AodeDestination;
export interface LineOutput {
    write(text: string): unknown;
    readonly isTTY?: boolean;
}
export declare function writeQuietly(output: LineOutput, text: string): void;
