/** The board: built files with their headers, and its page for every address that the board understands. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import staticFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Inside the published package, then in the repository after `npm run build -w @aode/board`. */
const PLACES = ['../../dist/board/', '../../../board/dist/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Nothing inline, nothing from elsewhere, in nobody's frame (research: stored XSS in other trace viewers). */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Addresses of the board; `/search` and `/trace/ID` as in Jaeger UI, so that its links work here. */
const PAGES = ['/', '/traces', '/search', '/trace/:id', '/logs', '/causes', '/sdk'];

const NOT_BUILT =
  'The board is not built. In the repository: npm run build -w @aode/board, then start the hub again.\n';

/** Where the built board lies, or undefined. */
function findBoard(): string | undefined {
  return PLACES.find((place) => existsSync(`${place}index.html`));
}

export async function addBoard(app: FastifyInstance): Promise<void> {
  const root = findBoard();
  if (root === undefined) {
    for (const page of PAGES) app.get(page, (_, reply) => reply.code(503).type('text/plain').send(NOT_BUILT));
    return;
  }
  await app.register(staticFiles, {
    root,
    index: false,
    wildcard: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders(response, path) {
      // Names under assets/ carry a hash of their content.
      const forever = path.includes('/assets/');
      void response.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  for (const page of PAGES) app.get(page, (_, reply) => reply.sendFile('index.html'));
}
