/** What rows refer to by number: resources, scopes, metrics; and the services with their hues. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Attribute, Metric } from '@aode/wire';
import { attributeHash, valueText } from './attribute-row.ts';
import { HUES, nextHue } from './hue.ts';
import { type Identities, contentHash, openIdentities } from './identity.ts';
import { numberOf, rowsOf, textOf } from './query.ts';
import { type ResourceEntry, type ScopeEntry, packMetric, packResource, packScope } from './raw-record.ts';
import type { Tables } from './tables.ts';

export interface ResourceRef {
  readonly id: number;
  readonly service: string;
}

/** The name by which the OpenTelemetry specification calls a service that has none (Resource SDK, service.name). */
const UNKNOWN_SERVICE = 'unknown_service';

/** Opens with what the database holds. */
export async function openCatalog(connection: DuckDBConnection): Promise<Catalog> {
  const hues = new Map<string, number>();
  for (const row of await rowsOf(connection, 'SELECT name, hue FROM services')) {
    hues.set(textOf(row, 'name'), numberOf(row, 'hue'));
  }
  return new Catalog(
    await openIdentities(connection, 'resources'),
    await openIdentities(connection, 'scopes'),
    await openIdentities(connection, 'metrics'),
    hues,
  );
}

export class Catalog {
  readonly #resources: Identities;
  readonly #scopes: Identities;
  readonly #metrics: Identities;
  readonly #hues: Map<string, number>;
  #newServices: string[] = [];

  constructor(resources: Identities, scopes: Identities, metrics: Identities, hues: Map<string, number>) {
    this.#resources = resources;
    this.#scopes = scopes;
    this.#metrics = metrics;
    this.#hues = hues;
  }

  resource(entry: ResourceEntry, tables: Tables): ResourceRef {
    const service = attributeText(entry.resource.attributes, 'service.name') || UNKNOWN_SERVICE;
    const raw = packResource(entry);
    const hash = contentHash(raw);
    const known = this.#resources.find(hash);
    if (known !== undefined) return { id: known, service };
    const id = this.#resources.add(hash);
    const { columns: c, row } = tables.resources;
    c.id.put(row, id);
    c.hash.put(row, hash);
    c.service.put(row, service);
    c.instance.put(row, attributeText(entry.resource.attributes, 'service.instance.id'));
    c.attribute_hashes.put(row, hashesOf(entry.resource.attributes));
    c.raw.put(row, raw);
    tables.resources.next();
    this.#service(service, tables);
    return { id, service };
  }

  scope(entry: ScopeEntry, tables: Tables): number {
    const raw = packScope(entry);
    const hash = contentHash(raw);
    const known = this.#scopes.find(hash);
    if (known !== undefined) return known;
    const id = this.#scopes.add(hash);
    const { columns: c, row } = tables.scopes;
    c.id.put(row, id);
    c.hash.put(row, hash);
    c.raw.put(row, raw);
    tables.scopes.next();
    return id;
  }

  /** `metric` without its points. */
  metric(metric: Metric, tables: Tables): number {
    const raw = packMetric(metric);
    const hash = contentHash(raw);
    const known = this.#metrics.find(hash);
    if (known !== undefined) return known;
    const id = this.#metrics.add(hash);
    const { columns: c, row } = tables.metrics;
    c.id.put(row, id);
    c.hash.put(row, hash);
    c.name.put(row, metric.name);
    c.unit.put(row, metric.unit);
    c.kind.put(row, metric.data.kind);
    c.raw.put(row, raw);
    tables.metrics.next();
    return id;
  }

  /** The transaction stands. */
  commit(): void {
    for (const identities of [this.#resources, this.#scopes, this.#metrics]) identities.commit();
    this.#newServices = [];
  }

  /** The transaction is undone. */
  rollback(): void {
    for (const identities of [this.#resources, this.#scopes, this.#metrics]) identities.rollback();
    for (const name of this.#newServices) this.#hues.delete(name);
    this.#newServices = [];
  }

  /** Forgets descriptions whose rows were deleted. */
  remove(ids: {
    readonly resources: ReadonlySet<number>;
    readonly scopes: ReadonlySet<number>;
    readonly metrics: ReadonlySet<number>;
  }): void {
    this.#resources.remove(ids.resources);
    this.#scopes.remove(ids.scopes);
    this.#metrics.remove(ids.metrics);
  }

  #service(name: string, tables: Tables): void {
    if (this.#hues.has(name)) return;
    const used = Array.from({ length: HUES }, () => 0);
    for (const hue of this.#hues.values()) used[hue] = (used[hue] ?? 0) + 1;
    const hue = nextHue(used);
    this.#hues.set(name, hue);
    this.#newServices.push(name);
    const { columns: c, row } = tables.services;
    c.name.put(row, name);
    c.hue.put(row, hue);
    tables.services.next();
  }
}

function attributeText(attributes: readonly Attribute[], key: string): string {
  const found = attributes.find((attribute) => attribute.key === key);
  return found === undefined ? '' : valueText(found.value);
}

function hashesOf(attributes: readonly Attribute[]): readonly number[] {
  return attributes.map(({ key, value }) => attributeHash(key, valueText(value)));
}
