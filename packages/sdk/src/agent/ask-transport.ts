/** Asks go to the endpoint that the records go to: `POST` and `GET /aode/v1/asks` (docs/formats/asks.md). */
import { connectorsOf, type EndpointPoster, type PostOptions } from '@aode/journal';
import type { Resource } from '@aode/wire';
import type { AskTransport } from './ask-client.ts';
import { createHttpAskLine } from './ask-http.ts';
import { createHttp2AskLine } from './ask-http2.ts';
import type { AskLine } from './ask-line.ts';

/** Who asks: this process, and what it is one of. */
export interface Asker {
  readonly instance: string;
  readonly resource: Resource;
}

export function createAskTransport(
  options: PostOptions,
  asker: Asker,
  inUse: Pick<EndpointPoster, 'active'>,
): AskTransport & Disposable {
  const service = serviceOf(asker.resource);
  const who = { instance: asker.instance, ...(service === undefined ? {} : { service }) };
  const create = options.protocol === 'grpc' ? createHttp2AskLine : createHttpAskLine;
  const lines = connectorsOf(options).map((connector) => create(connector, options));
  return {
    post: (body) => lineOf(lines, inUse).post(body),
    open(after, onLine, onEnd) {
      const query = new URLSearchParams({ ...who, ...(after === '' ? {} : { after }) });
      return lineOf(lines, inUse).open(query.toString(), { onLine, onEnd });
    },
    [Symbol.dispose]() {
      for (const line of lines) line.close();
    },
  };
}

function lineOf(lines: readonly AskLine[], { active }: Pick<EndpointPoster, 'active'>): AskLine {
  const line = lines[active];
  if (line === undefined) throw new RangeError(`no endpoint ${active}`);
  return line;
}

/** A hub takes names up to this length, and a longer one is none that anybody has given. */
const SERVICE_CHARS_MAX = 255;

function serviceOf({ attributes }: Resource): string | undefined {
  const name = attributes.find(({ key }) => key === 'service.name')?.value;
  return typeof name === 'string' && name !== '' && name.length <= SERVICE_CHARS_MAX ? name : undefined;
}
