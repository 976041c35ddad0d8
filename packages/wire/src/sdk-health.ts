/** The part of the hub's API (hub-api.ts) that says how the SDK instances are, by what they report of themselves. */

/**
 * GET /aode/v1/sdk-health?start&end: one row for each SDK instance that has reported in the range, by service and
 * instance; at most 500, those heard of last.
 */
export interface SdkHealthResponse {
  readonly instances: readonly SdkInstance[];
  /** Service names to hues. */
  readonly hues: Readonly<Record<string, number>>;
}

export interface SdkInstance {
  readonly service: string;
  /** `service.instance.id`; texts are '' where the instance has not said. */
  readonly instanceId: string;
  /** `telemetry.distro.version`. */
  readonly sdkVersion: string;
  readonly hostName: string;
  readonly processId: string;
  /** Name and version of the runtime: 'nodejs 24.1.0'. */
  readonly runtime: string;
  /** Since when it counts. */
  readonly startedUnixNano: string;
  /** Of its last report in the range, by its own clock. */
  readonly lastSeenUnixNano: string;
  readonly agent: 'worker' | 'inline' | null;
  readonly spans: SdkLedger;
  readonly lines: SdkLedger;
  /** What was not as it should be beside the records, by reason: docs/guide/sdk-health.md. */
  readonly problems: Readonly<Record<string, SdkCount>>;
  /** Age of the oldest trace that may still be asked for; null without one. */
  readonly horizonSeconds: number | null;
  /** Of the baseline sample; null while no trace has begun there. */
  readonly samplingProbability: number | null;
  readonly chunkCount: number;
  readonly chunksFree: number;
  /** Whether both ledgers do. */
  readonly addsUp: boolean;
}

/** Since the instance began, and of that in the range. */
export interface SdkCount {
  readonly total: number;
  readonly inRange: number;
}

/**
 * What became of all that was recorded:
 *
 *   started = ended + open
 *   ended   = kept + evicted + undecided + droppedBefore
 *   kept    = delivered + waiting + dropped
 *
 * Log lines end when they begin. Numbers without a range are of the last report.
 */
export interface SdkLedger {
  readonly started: SdkCount;
  readonly open: number;
  readonly ended: SdkCount;
  readonly kept: SdkCount;
  readonly evicted: SdkCount;
  readonly undecided: number;
  readonly delivered: SdkCount;
  readonly waiting: number;
  /** Before it could be kept, by reason: pool_full, too_large. */
  readonly droppedBefore: Readonly<Record<string, SdkCount>>;
  /** Of what was kept, by reason. */
  readonly dropped: Readonly<Record<string, SdkCount>>;
}
