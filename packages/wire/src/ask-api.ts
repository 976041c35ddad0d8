/** What SDKs and the hub say to each other about traces that are to be kept: docs/formats/asks.md. */
import type { SamplingSettings } from './sampling-settings.ts';

/**
 * POST /aode/v1/asks on the OTLP/HTTP listener: traces that are to be kept whole, wherever their spans are in memory.
 * `instance` names the process that asks (1 to 128 visible ASCII characters, `service.instance.id`), so that it is not
 * told of its own; `reason` is 1 to 64 printable ASCII characters. At most 1 024 asks and 256 KiB. 202 AskResponse.
 */
export interface AskRequest {
  readonly instance: string;
  readonly asks: readonly Ask[];
}
export interface Ask {
  readonly traceId: string;
  readonly reason: string;
}
/** Also of POST /aode/v1/traces/{traceId}/ask on the board's listener: a person wants the whole of this trace. */
export interface AskResponse {
  /** Asks that are new and have been passed on. */
  readonly accepted: number;
  /** Asks for traces that somebody has asked for within the time that asks are kept. */
  readonly known: number;
}
/**
 * GET /aode/v1/asks?instance=ID&service=NAME&after=CURSOR on the OTLP/HTTP listener: what is asked for, as long as the
 * connection stands. application/x-ndjson, one of these objects a line; the first is an AskHello. `after` is the cursor
 * of the last line that was read; without it, and with `gap`, the stream begins with the oldest ask that is still
 * kept.
 * `service` is the service of the instance: a stream that names it tells the hub whose process is there, and when it
 * ends and does not come again, whose was lost.
 */
export type AskLine = AskHello | AskSampling | AskHeartbeat | AskPush;
export interface AskHello {
  readonly cursor: string;
  readonly hello: true;
  /** How long asks are kept. */
  readonly retainMs: number;
  /** Asks after `after` may be missing here: the hub was started anew, or they are too old. */
  readonly gap?: true;
}
/**
 * The sampling settings for the service of the stream, in all; those that it names no more hold no more. Behind the
 * hello line and whenever they change, to streams that name their service.
 */
export interface AskSampling {
  readonly cursor: string;
  readonly sampling: Partial<SamplingSettings>;
}
/** Every 15 s, so that a connection that is dead is noticed. */
export interface AskHeartbeat {
  readonly cursor: string;
}
export interface AskPush {
  readonly cursor: string;
  readonly traceId: string;
  readonly reason: string;
  /** When it was asked. */
  readonly unixMs: number;
}

/**
 * GET and PUT /aode/v1/sampling on the board's listener: what the hub says about the sampling of services that run.
 * PUT takes the whole of it as application/json, at most 64 KiB, keeps it with the data, and tells every SDK instance
 * at once; `{}` takes everything back. Throws AODE_OPTION_INVALID (400) with the name of what cannot be.
 */
export interface SamplingDocument {
  /** For all services. */
  readonly default?: Partial<SamplingSettings>;
  /** By name of the service; what is not named here is as in `default`. */
  readonly services?: Readonly<Record<string, Partial<SamplingSettings>>>;
}
