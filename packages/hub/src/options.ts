/** What a hub can be told, its defaults, and their reference page. */

export interface HubOptions {
  /** Data directory, created if need be; undefined keeps everything in memory. */
  readonly dataDirectory: string | undefined;
  /** Board and API; 0 takes any free port. */
  readonly boardPort: number;
  readonly otlpHttpPort: number;
  readonly otlpGrpcPort: number;
  /** Disk budget in bytes; undefined is the store's default (20 GB on disk, 512 MB in memory). */
  readonly bytesMax: number | undefined;
  /** Longest time that data stay, counted from their arrival. */
  readonly ageMaxMs: number | undefined;
  /** What senders must show as `Authorization: Bearer …`, by OTLP and for asks; undefined asks nobody. A secret. */
  readonly token: string | undefined;
  /** Largest request after decompression. */
  readonly requestBytesMax: number;
}

export const HUB_DEFAULTS: HubOptions = Object.freeze({
  dataDirectory: undefined,
  boardPort: 16686,
  otlpHttpPort: 4318,
  otlpGrpcPort: 4317,
  bytesMax: undefined,
  ageMaxMs: undefined,
  token: undefined,
  requestBytesMax: 64 * 1024 * 1024,
});
