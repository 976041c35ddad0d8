/**
 * What the analysis looks at: flat records of one stretch of time, as a store or a file gives them. Plain data,
 * times in milliseconds since 1970 with fractions (a microsecond is enough to compare durations).
 */

export interface WindowSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly service: string;
  readonly name: string;
  /** OTLP span kind. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Status error, or an HTTP status of 500 and above, or 0 (no answer). */
  readonly error: boolean;
  /** `peer.service` of an outgoing call, else ''. */
  readonly peerService: string;
  /** Host and port that an outgoing call went to, else ''. */
  readonly peerAddress: string;
  /** For how many spans this one stands, 0 when it was not sampled but kept; 1 where nobody says. */
  readonly adjustedCount?: number;
}

export interface WindowLog {
  /** Address of the line, for examples: a decimal number that grows in the order of arrival. */
  readonly id: string;
  readonly timeMs: number;
  readonly service: string;
  readonly severityNumber: number;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
}

export interface WindowPoint {
  readonly timeMs: number;
  readonly service: string;
  /** `service.instance.id`, '' when unknown. */
  readonly instance: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** All signals of one stretch of time, in any order. */
export interface Window {
  readonly spans: readonly WindowSpan[];
  readonly logs: readonly WindowLog[];
  readonly points: readonly WindowPoint[];
}
