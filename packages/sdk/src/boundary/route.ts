/**
 * The route that a framework matched for a request, as a template: `/orders/:id`. express leaves it on the request;
 * fastify publishes it on a diagnostics channel.
 */
import type { IncomingMessage } from 'node:http';
import type { Losses } from '../losses.ts';
import { listen } from './listen.ts';

const FASTIFY_CHANNEL = 'tracing:fastify.request.handler:start';

const routes = new WeakMap<object, string>();

/** Undefined when no framework has said one. */
export function routeOf(request: IncomingMessage): string | undefined {
  return routes.get(request) ?? expressRoute(request);
}

/** express: `req.route.path` below `req.baseUrl`, where the router was mounted. */
function expressRoute(request: IncomingMessage): string | undefined {
  const { route, baseUrl } = request as { readonly route?: unknown; readonly baseUrl?: unknown };
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined;
  // An array of paths or a regular expression is no template; the mount point is still one.
  const own = typeof route.path === 'string' ? route.path : '';
  const mount = typeof baseUrl === 'string' ? baseUrl : '';
  const template = own === '/' && mount !== '' ? mount : mount + own;
  return template === '' ? undefined : template;
}

interface FastifyMessage {
  readonly request?: { readonly raw?: object };
  readonly route?: { readonly url?: unknown };
}

/** Listens to fastify until disposed of. */
export function watchRoutes(losses: Losses): Disposable {
  const onHandler = ({ request, route }: FastifyMessage): void => {
    if (request?.raw !== undefined && typeof route?.url === 'string') routes.set(request.raw, route.url);
  };
  return listen({ [FASTIFY_CHANNEL]: onHandler }, losses);
}
