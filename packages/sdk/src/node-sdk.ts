/**
 * `@aode/sdk/node-sdk`: stands in for `NodeSDK` of `@opentelemetry/sdk-node`, so that an application changes over by
 * one line, its import. What can be honoured is; what would silently go nowhere is refused when it is constructed; what
 * has no meaning here is ignored with one line that names it.
 */
import { AodeError, createDiag, type Diag, errorLine, isAodeError, systemClock } from '@aode/base';
import type { Instrumentation } from './instrument/instrumentation.ts';
import { type Aode, running, startWith } from './start.ts';
import { otlpAttributes } from './trace/attribute-value.ts';

/** Structurally `NodeSDKConfiguration`. */
export interface NodeSDKConfiguration {
  /** `service.name`, above everything else. */
  readonly serviceName?: string | undefined;
  /** Its attributes stand above those that Aode detects and below OTEL_RESOURCE_ATTRIBUTES. */
  readonly resource?: { readonly attributes: Readonly<Record<string, unknown>> } | undefined;
  /**
   * Those of http, undici, pino, winston and bunyan are switched off: Aode records these itself. Without any, none are
   * looked for.
   */
  readonly instrumentations?: readonly (Instrumentation | readonly Instrumentation[])[] | undefined;
  /** Null: no context is read from headers or written to them. Any other is ignored; see the option `propagators`. */
  readonly textMapPropagator?: object | null | undefined;
  readonly autoDetectResources?: boolean | undefined;
  readonly sampler?: object | undefined;
  readonly resourceDetectors?: readonly object[] | undefined;
  readonly contextManager?: object | undefined;
  readonly idGenerator?: object | undefined;
  readonly spanLimits?: object | undefined;
  readonly views?: readonly object[] | undefined;
  readonly spanProcessor?: object | undefined;
  readonly spanProcessors?: readonly object[] | undefined;
  readonly traceExporter?: object | undefined;
  readonly logRecordProcessor?: object | undefined;
  readonly logRecordProcessors?: readonly object[] | undefined;
  readonly metricReader?: object | undefined;
  readonly metricReaders?: readonly object[] | undefined;
}

type Key = keyof NodeSDKConfiguration;

/** Somebody expects data from each of these, and would wait for it in vain. */
const REFUSED: Readonly<Partial<Record<Key, string>>> = {
  spanProcessor:
    'spans go to the receiver of Aode; keep the OpenTelemetry SDK with @aode/sdk/span-processor instead',
  spanProcessors:
    'spans go to the receiver of Aode; keep the OpenTelemetry SDK with @aode/sdk/span-processor instead',
  traceExporter: 'spans go by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT; leave it out',
  logRecordProcessor: 'log records go by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT; leave it out',
  logRecordProcessors: 'log records go by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT; leave it out',
  metricReader: 'there is no meter; set up a MeterProvider of @opentelemetry/sdk-metrics beside it',
  metricReaders: 'there is no meter; set up a MeterProvider of @opentelemetry/sdk-metrics beside it',
};

/** Nobody waits for anything that these would have made. */
const IGNORED: readonly Key[] = [
  'sampler',
  'resourceDetectors',
  'contextManager',
  'textMapPropagator',
  'idGenerator',
  'spanLimits',
  'views',
];

export class NodeSDK {
  readonly #configuration: NodeSDKConfiguration;
  #aode: Aode | undefined;

  /** Throws AODE_OPTION_INVALID for what is refused; environment variables are read by `start`. */
  constructor(configuration: NodeSDKConfiguration = {}) {
    for (const [key, why] of Object.entries(REFUSED)) {
      const value = configuration[key as Key];
      const isNone = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
      if (!isNone) throw new AodeError('AODE_OPTION_INVALID', { option: key, why });
    }
    this.#configuration = configuration;
  }

  /** Does not throw: what goes wrong is one line, and the application runs unobserved. */
  start(): void {
    const diag = createDiag(systemClock, (line) => void process.stderr.write(line));
    if (running() !== undefined)
      warn(diag, 'NodeSDK', 'Aode runs already, and what is configured here is not used');
    else warnOfIgnored(this.#configuration, diag);
    try {
      this.#aode = startWith(...partsOf(this.#configuration));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const coded = isAodeError(error) ? error : new AodeError('AODE_REGISTER_FAILED', { why }, error);
      process.stderr.write(`aode: ${errorLine(coded)}; this process is not observed\n`);
    }
  }

  /** Delivers what was recorded, then takes everything back. */
  async shutdown(): Promise<void> {
    await this.#aode?.shutdown();
  }
}

function warnOfIgnored(configuration: NodeSDKConfiguration, diag: Diag): void {
  const names: string[] = IGNORED.filter(
    (key) => configuration[key] !== undefined && configuration[key] !== null,
  );
  if (configuration.autoDetectResources === false) names.push('autoDetectResources');
  if (configuration.spanProcessors?.length === 0) names.push('spanProcessors');
  if (names.length > 0) warn(diag, names.join(', '), 'it has no meaning here and is ignored');
}

function warn(diag: Diag, option: string, why: string): void {
  diag.warn(new AodeError('AODE_OPTION_INVALID', { option, why }));
}

function partsOf({
  serviceName,
  resource,
  instrumentations = [],
  textMapPropagator,
}: NodeSDKConfiguration): Parameters<typeof startWith> {
  const { attributes } = otlpAttributes(resource?.attributes);
  return [
    {
      ...(serviceName === undefined ? {} : { serviceName }),
      ...(textMapPropagator === null ? { propagators: ['none'] } : {}),
    },
    {
      attributes: attributes.filter(({ key, value }) => !isDefault(key, value)),
      instrumentations: instrumentations.flat() as readonly Instrumentation[],
    },
  ];
}

/** What the default resource of OpenTelemetry's SDK says of itself, and Aode knows better. */
function isDefault(key: string, value: unknown): boolean {
  return (
    key.startsWith('telemetry.sdk.') || (key === 'service.name' && /^unknown_service\b/.test(String(value)))
  );
}
