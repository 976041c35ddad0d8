/** Libraries that move requests along or write lines, and who makes spans of them. */

const BY_HTTP = 'Aode (node:http)';
const BY_FETCH = 'Aode (undici channels)';

/** Name -> who instruments it; undefined: only an instrumentation of OpenTelemetry's does, if there is one. */
const KNOWN: ReadonlyMap<string, string | undefined> = new Map([
  ...['express', 'fastify', 'koa', 'connect', 'restify', '@hapi/hapi', '@nestjs/core'].map(by(BY_HTTP)),
  ...['axios', 'got', 'node-fetch', 'superagent', 'request', 'needle', 'ky'].map(by(BY_HTTP)),
  ['undici', BY_FETCH],
  ...['pino', 'winston', 'bunyan'].map(by('Aode')),
  ...['pg', 'pg-pool', 'mysql', 'mysql2', 'ioredis', 'redis', 'mongodb'].map(by(undefined)),
  ...['mongoose', 'knex', 'tedious', 'cassandra-driver', 'memcached', 'kafkajs'].map(by(undefined)),
  ...['@grpc/grpc-js', 'amqplib', 'graphql', 'socket.io', 'dataloader', 'generic-pool'].map(by(undefined)),
]);

/** Where an instrumentation of OpenTelemetry's has another name than `@opentelemetry/instrumentation-LIBRARY`. */
const CONTRIB: Readonly<Record<string, string>> = {
  'pg-pool': 'pg',
  '@grpc/grpc-js': 'grpc',
  '@hapi/hapi': 'hapi',
  '@nestjs/core': 'nestjs-core',
};

function by(whom: string | undefined) {
  return (name: string): [string, string | undefined] => [name, whom];
}

export function isKnown(name: string): boolean {
  return KNOWN.has(name);
}

/** Who makes spans or lines of `name`, given what else is loaded. */
export function instrumenterOf(name: string, isLoaded: (name: string) => boolean): string | undefined {
  const contrib = contribOf(name);
  return isLoaded(contrib) ? contrib : KNOWN.get(name);
}

export function contribOf(name: string): string {
  return `@opentelemetry/instrumentation-${CONTRIB[name] ?? name}`;
}
