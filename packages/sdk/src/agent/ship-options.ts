/** The options of shipping, as rows of the SDK's one table (options.ts), and what their texts mean. */
import { AodeError } from '@aode/base';
import { POST_DEFAULTS, type PostOptions } from '@aode/journal';
import { redactUrl } from '../boundary/redact.ts';
import type { OptionRow, OptionSources } from '../option-row.ts';
import { flag, headers, list, ms, type Parse, text } from '../option-text.ts';

export interface ShipOptions {
  /** One address, or several of which the first is preferred. */
  readonly endpoint: string | readonly string[];
  readonly protocol: 'http/protobuf' | 'grpc';
  /** Of an endpoint of gRPC without a scheme. */
  readonly insecure: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  readonly timeoutMs: number;
  /** Paths of PEM files; undefined for none. */
  readonly certificate: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly httpProxy: string | undefined;
  readonly noProxy: string | undefined;
}

const HTTP_DEFAULT = 'http://127.0.0.1:4318';
const GRPC_DEFAULT = 'http://127.0.0.1:4317';

/** More endpoints than this are no list that somebody has written. */
const ENDPOINTS_MAX = 8;

/** With a scheme, or `host:port` without anything else. */
const endpoint: Parse<string> = (value) => {
  const full = value.includes('://') ? value : `https://${value}`;
  if (!URL.canParse(full)) return undefined;
  const { protocol, search, hash, pathname } = new URL(full);
  if (!/^https?:$/.test(protocol) || search !== '' || hash !== '') return undefined;
  if (full !== value && pathname !== '/') return undefined;
  return value.replace(/\/+$/, '');
};

/** One stays a text, as it was written. */
const endpoints: Parse<string | readonly string[]> = (value) => {
  const all = list(value).map(endpoint);
  if (all.length === 0 || all.length > ENDPOINTS_MAX || all.includes(undefined)) return undefined;
  const given = [...new Set(all.filter((one) => one !== undefined))];
  return given.length === 1 ? given[0] : given;
};

/** JSON is what a receiver may leave out, protobuf what every one takes. */
const protocol: Parse<ShipOptions['protocol']> = (value) =>
  value === 'grpc' ? value : value === 'http/protobuf' || value === 'http/json' ? 'http/protobuf' : undefined;

/** Where nothing says where to, gRPC has a port of its own. */
function grpcEndpoint({ code, env, manifest }: OptionSources): string | undefined {
  const said = [
    code.protocol,
    ...SHIP_OPTIONS.protocol.env.map((name) => env[name]?.trim()),
    manifest['protocol'],
  ];
  const isGrpc = said.find((one) => one !== undefined && one !== '') === 'grpc';
  return isGrpc && manifest['endpoint'] === undefined ? GRPC_DEFAULT : undefined;
}

export const SHIP_OPTIONS: { readonly [K in keyof ShipOptions]: OptionRow<ShipOptions[K]> } = {
  endpoint: {
    env: ['AODE_HUB_OTLP', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    type: 'http or https URL, …; at most 8',
    parse: endpoints,
    read: (value) =>
      Array.isArray(value) && value.every((one) => typeof one === 'string' && !one.includes(','))
        ? endpoints(value.join(','))
        : undefined,
    derive: grpcEndpoint,
    fallback: HTTP_DEFAULT,
    isSecret: true,
    sentence:
      'Base address of an OTLP receiver; by HTTP /v1/traces and /v1/logs are appended. Of several the first that ' +
      'answers is used. Without any, gRPC goes to `http://127.0.0.1:4317`.',
  },
  protocol: {
    env: ['AODE_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    type: 'http/protobuf or grpc',
    parse: protocol,
    fallback: 'http/protobuf',
    sentence:
      'Protocol of all endpoints. http/json is taken as http/protobuf, which every receiver understands.',
  },
  insecure: {
    env: ['AODE_INSECURE', 'OTEL_EXPORTER_OTLP_INSECURE'],
    type: 'true or false',
    parse: flag,
    fallback: false,
    sentence: 'An endpoint of gRPC that is written without http:// or https:// is reached without TLS.',
  },
  headers: {
    env: ['AODE_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    type: 'key=value,…',
    parse: headers,
    fallback: {},
    sentence: 'Headers, in gRPC metadata, of every request to the receiver, for instance a token.',
    isSecret: true,
  },
  compression: {
    env: ['AODE_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    type: 'none or gzip',
    parse: (value) => (value === 'none' || value === 'gzip' ? value : undefined),
    fallback: 'none',
    sentence: 'Compression of requests; worth its CPU beyond the own machine.',
  },
  timeoutMs: {
    env: ['AODE_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    type: 'milliseconds, 1 at least',
    // In none nobody answers.
    parse: (value) => ms(value) || undefined,
    fallback: POST_DEFAULTS.timeoutMs,
    sentence: 'Longest wait for the answer to one request; of several endpoints each has 5 000 at most.',
  },
  certificate: {
    env: ['AODE_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    type: 'path',
    parse: text,
    fallback: undefined,
    sentence: 'PEM file of those who vouch for the receiver, in place of those that Node.js knows.',
  },
  clientCertificate: {
    env: ['AODE_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
    type: 'path',
    parse: text,
    fallback: undefined,
    sentence:
      'PEM file of the certificate that is shown to a receiver that asks for one. Read at each connection.',
  },
  clientKey: {
    env: ['AODE_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    type: 'path',
    parse: text,
    fallback: undefined,
    sentence: 'PEM file of its private key, not encrypted.',
  },
  httpsProxy: {
    env: ['AODE_HTTPS_PROXY', 'HTTPS_PROXY', 'https_proxy'],
    type: 'http or https URL, or host:port',
    parse: text,
    fallback: undefined,
    isSecret: true,
    sentence: 'Proxy by which https endpoints are reached, and all of gRPC: by CONNECT.',
  },
  httpProxy: {
    env: ['AODE_HTTP_PROXY', 'HTTP_PROXY', 'http_proxy'],
    type: 'http or https URL, or host:port',
    parse: text,
    fallback: undefined,
    isSecret: true,
    sentence: 'Proxy by which http endpoints are reached, other than those of gRPC.',
  },
  noProxy: {
    env: ['AODE_NO_PROXY', 'NO_PROXY', 'no_proxy'],
    type: 'name, .name, address, network/bits or *, …',
    parse: text,
    fallback: undefined,
    sentence: 'Endpoints that are reached without a proxy ([rules](../guide/shipping.md#by-a-proxy)).',
  },
};

/** What a worker, or another process, is to know of the options. Throws AODE_OPTION_INVALID for half an address. */
export function postOptionsOf(options: ShipOptions): PostOptions {
  const { certificate, clientCertificate, clientKey } = options;
  return {
    endpoints: endpointsOf(options),
    protocol: options.protocol,
    headers: options.headers,
    compression: options.compression,
    timeoutMs: options.timeoutMs,
    tls: {
      certificate: certificate ?? '',
      clientCertificate: clientCertificate ?? '',
      clientKey: clientKey ?? '',
    },
    proxy: { https: options.httpsProxy ?? '', http: options.httpProxy ?? '', except: options.noProxy ?? '' },
  };
}

/** OTLP/HTTP wants a scheme; for gRPC `insecure` is one (OpenTelemetry specification, § OTLP exporter). */
function endpointsOf({
  endpoint: given,
  protocol: by,
  insecure,
}: Pick<ShipOptions, 'endpoint' | 'protocol' | 'insecure'>): readonly string[] {
  const all = typeof given === 'string' ? [given] : given;
  return all.map((one) => {
    if (one.includes('://')) return one;
    if (by === 'grpc') return `${insecure ? 'http' : 'https'}://${one}`;
    const why = `${by} needs http:// or https:// before it`;
    throw new AodeError('AODE_OPTION_INVALID', { option: 'endpoint', why });
  });
}

/** For messages. */
export function shownEndpoints(options: ShipOptions): string {
  return endpointsOf(options)
    .map((one) => redactUrl(new URL(one)))
    .join(', ');
}
