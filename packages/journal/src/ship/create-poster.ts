/** A poster for the endpoints, protocol, certificates and proxies that an SDK is told of. */
import { type AodeError, type Clock, isAodeError, type Random, systemClock, systemRandom } from '@aode/base';
import { type Connector, createConnector } from './connector.ts';
import { createEndpoints, type EndpointPoster } from './endpoints.ts';
import { createGrpcPoster } from './otlp-grpc.ts';
import { createHttpPoster, type Poster, type RequestOptions } from './otlp-post.ts';
import { NO_PROXIES, type ProxySettings } from './proxy.ts';
import { NO_TLS_FILES, type TlsFiles } from './tls-files.ts';

/** Data without behaviour: it goes to workers and other processes. */
export interface PostOptions extends RequestOptions {
  /** Base addresses, at least one, the preferred first. */
  readonly endpoints: readonly string[];
  readonly protocol: 'http/protobuf' | 'grpc';
  readonly tls: TlsFiles;
  readonly proxy: ProxySettings;
}

/** All but where to. */
export const POST_DEFAULTS: Omit<PostOptions, 'endpoints'> = Object.freeze({
  protocol: 'http/protobuf',
  headers: {},
  compression: 'none',
  timeoutMs: 10_000,
  tls: NO_TLS_FILES,
  proxy: NO_PROXIES,
});

export interface PostEffects {
  readonly clock: Clock;
  readonly random: Random;
  /** What a person has to mend before anything can be sent; each once, until it changes. */
  readonly onTrouble: (error: AodeError) => void;
}

const SYSTEM: PostEffects = { clock: systemClock, random: systemRandom, onTrouble: () => undefined };

/**
 * Where there are others, one endpoint has this long to answer: with the pause before a request it leaves room for two
 * more within 15 s. A hub that needs longer to answer is as good as none.
 */
const ANSWER_MS_MAX = 5000;

export function createPoster(options: PostOptions, effects: PostEffects = SYSTEM): EndpointPoster {
  const { clock, random } = effects;
  const posters = connectorsOf(options, effects).map((connector): Poster => {
    const request = { ...options, timeoutMs: timeoutOf(options) };
    return options.protocol === 'grpc'
      ? createGrpcPoster(connector, request)
      : createHttpPoster(connector, request, clock);
  });
  const { endpoints } = options;
  // Of one alone everybody knows which it is.
  const names = endpoints.length > 1 ? endpoints.map(shownEndpoint) : [];
  return createEndpoints({ posters, names, clock, random });
}

/** Without user and password. */
function shownEndpoint(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/$/, '');
}

const timeoutOf = ({ endpoints, timeoutMs }: PostOptions): number =>
  endpoints.length === 1 ? timeoutMs : Math.min(timeoutMs, ANSWER_MS_MAX);

/** The ways to the endpoints, for whoever has something else to say there. */
export function connectorsOf(
  options: PostOptions,
  { onTrouble }: Pick<PostEffects, 'onTrouble'> = SYSTEM,
): readonly Connector[] {
  const { endpoints, protocol, tls, proxy } = options;
  const said = new Set<string>();
  return endpoints.map((endpoint) => {
    const connector = createConnector({
      endpoint,
      isTunnelled: protocol === 'grpc',
      tls,
      proxy,
      timeoutMs: timeoutOf(options),
    });
    return {
      ...connector,
      async connect(protocols) {
        try {
          return await connector.connect(protocols);
        } catch (error) {
          // The rest is for the shipper to say: it is tried again.
          if (isAodeError(error) && !said.has(error.message + JSON.stringify(error.detail))) {
            said.add(error.message + JSON.stringify(error.detail));
            onTrouble(error);
          }
          throw error;
        }
      },
    };
  });
}
