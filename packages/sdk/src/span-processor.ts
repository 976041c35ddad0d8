/**
 * `@aode/sdk/span-processor`: spans of OpenTelemetry's own SDK through Aode's engine. Whoever stays with that SDK gets
 * delivery at the end of the process, traces that are kept when they fail, and the loss ledger; the cost of making a
 * span stays that of the SDK.
 */
import type { Attribute, Resource, SpanEvent, SpanLink } from '@aode/wire';
import type { Attributes, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import { deliverAtExit } from './agent/exit-delivery.ts';
import { environment } from './env.ts';
import type { Ledger } from './loss/ledger.ts';
import { nearestManifest } from './manifest.ts';
import type { SdkOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import { SDK_VERSION } from './version.ts';
import { pathOf } from './pool/key-path.ts';
import type { SpanFields } from './pool/span-record.ts';
import { type Recording, startRecording } from './recording.ts';
import { otlpAttributes, textOf } from './trace/attribute-value.ts';
import { KINDS } from './trace/span.ts';
import { spanWords } from './trace/span-identity.ts';
import { remoteFlags, spanLinkOf, stateText } from './trace/span-link.ts';

type HrTime = readonly [seconds: number, nanoseconds: number];

/** The part of `ReadableSpan` of `@opentelemetry/sdk-trace` 3 and `-base` 2 that is read. */
export interface ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  spanContext(): SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: readonly (Link & { readonly droppedAttributesCount?: number })[];
  readonly events: readonly {
    readonly time: HrTime;
    readonly name: string;
    readonly attributes?: Attributes;
    readonly droppedAttributesCount?: number;
  }[];
  readonly resource: { readonly attributes: Readonly<Record<string, unknown>> };
  readonly instrumentationScope: { readonly name: string; readonly version?: string };
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** A `SpanProcessor`; made with `new`, as those of the SDK are. */
export class AodeSpanProcessor {
  readonly #options: SdkOptions;
  #recording: (Recording & Disposable) | undefined;
  #isShutDown = false;

  /** Options as for `startAode`. Throws AODE_OPTION_INVALID. */
  constructor(options: Partial<SdkOptions> = {}) {
    const env = environment();
    const { aode } = nearestManifest(process.argv[1], process.cwd());
    this.#options = resolveOptions({ code: options, env, manifest: aode });
  }

  onStart(): void {
    // A span comes here when it has ended.
  }

  /** Does not throw: what cannot be read is counted. */
  onEnd(span: ReadableSpan): void {
    if (this.#isShutDown || this.#options.disabled) return;
    const recording = (this.#recording ??= open(this.#options, span.resource));
    try {
      record(span, recording);
    } catch {
      recording.losses.add('boundary_failed', 1);
    }
  }

  async forceFlush(): Promise<void> {
    await this.#recording?.engine.flush(this.#options.exitTimeoutMs);
  }

  async shutdown(): Promise<void> {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    await this.forceFlush();
    this.#recording?.[Symbol.dispose]();
  }

  /** What became of every span; undefined before the first. */
  ledger(): Ledger | undefined {
    return this.#recording?.engine.ledger();
  }
}

/** With the first span, because the resource is the SDK's and is known then. */
function open(options: SdkOptions, from: ReadableSpan['resource']): Recording & Disposable {
  const recording = startRecording(options, resourceOf(from));
  const exit = deliverAtExit(recording);
  return {
    ...recording,
    [Symbol.dispose]() {
      exit[Symbol.dispose]();
      recording.engine.close();
    },
  };
}

function resourceOf({ attributes }: ReadableSpan['resource']): Resource {
  const distribution: readonly Attribute[] = [
    { key: 'telemetry.distro.name', value: 'aode' },
    { key: 'telemetry.distro.version', value: SDK_VERSION },
  ];
  const own = otlpAttributes(attributes).attributes;
  const keys = new Set(own.map(({ key }) => key));
  return {
    attributes: [...own, ...distribution.filter(({ key }) => !keys.has(key))],
    droppedAttributesCount: 0,
    entityRefs: [],
  };
}

/** The SDK has decided what is in the sample. What it only records is held, and kept when its trace matters. */
function record(span: ReadableSpan, { recorder }: Recording): void {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const context = { traceId, spanId, traceFlags, isRemote: false, ...(traceState && { traceState }) };
  const { trace } = recorder.under(context, false);
  const parent = span.parentSpanContext;
  for (const [key, value] of Object.entries(span.attributes)) recorder.attribute({ trace }, key, value);
  recorder.foreign(trace, fieldsOf(span), parent === undefined || parent.isRemote === true);
}

function fieldsOf(span: ReadableSpan): SpanFields {
  const { spanId, traceFlags, traceState } = span.spanContext();
  const { parentSpanContext: parent, instrumentationScope: scope, status } = span;
  const { attributes, dropped } = otlpAttributes(span.attributes);
  const own = spanWords(spanId);
  const above = parent === undefined ? { hi: 0, lo: 0 } : spanWords(parent.spanId);
  return {
    scope: {
      name: textOf(scope.name),
      version: textOf(scope.version),
      attributes: [],
      droppedAttributesCount: 0,
    },
    idHi: own.hi,
    idLo: own.lo,
    parentHi: above.hi,
    parentLo: above.lo,
    flags: traceFlags | remoteFlags(parent ?? {}),
    traceStateText: stateText(traceState),
    name: textOf(span.name),
    kind: KINDS[span.kind] ?? 1,
    startSec: span.startTime[0],
    startNano: span.startTime[1],
    endSec: span.endTime[0],
    endNano: span.endTime[1],
    keys: pathOf(attributes.map(({ key }) => key)),
    values: attributes.map(({ value }) => value),
    droppedAttributesCount: span.droppedAttributesCount + dropped,
    events: span.events.map(eventOf),
    droppedEventsCount: span.droppedEventsCount,
    ...linksOf(span),
    // Both count unset, ok, error from zero.
    statusCode: status.code,
    statusMessage: textOf(status.message),
  };
}

function eventOf(event: ReadableSpan['events'][number]): SpanEvent {
  const { attributes, dropped } = otlpAttributes(event.attributes);
  return {
    timeUnixNano: BigInt(event.time[0]) * 1_000_000_000n + BigInt(event.time[1]),
    name: textOf(event.name),
    attributes,
    droppedAttributesCount: dropped + (event.droppedAttributesCount ?? 0),
  };
}

function linksOf(span: ReadableSpan): Pick<SpanFields, 'links' | 'droppedLinksCount'> {
  const links: SpanLink[] = [];
  for (const given of span.links) {
    const link = spanLinkOf(given);
    if (link === undefined) continue;
    links.push({
      ...link,
      droppedAttributesCount: link.droppedAttributesCount + (given.droppedAttributesCount ?? 0),
    });
  }
  return { links, droppedLinksCount: span.droppedLinksCount + span.links.length - links.length };
}
