/**
 * What the hub says about the sampling of services: taken from persons, kept in the data directory, read by the streams
 * of asks. A service gets what is named for it, and what is named for all.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AodeError, isAodeError } from '@aode/base';
import { readSamplingSettings, type SamplingSettings } from '@aode/wire';
import type { SamplingDocument } from '@aode/wire/hub-api';

/** A few hundred services, or rules at the length that somebody still reads. */
export const SAMPLING_BYTES_MAX: number = 64 * 1024;
const FILE = 'sampling.json';

export interface SamplingDesk {
  readonly document: SamplingDocument;
  of(service: string): Partial<SamplingSettings>;
  /**
   * Replaces everything. Throws AODE_OPTION_INVALID for what cannot be and AODE_DATA_UNWRITABLE for what cannot be
   * kept, and changes nothing then.
   */
  put(value: unknown): SamplingDocument;
  /** Told of each change. */
  onChange: () => void;
}

/** Without a directory nothing is kept. Throws AODE_DATA_DAMAGED for a file that cannot be read. */
export function openSamplingDesk(directory: string | undefined): SamplingDesk {
  const file = directory === undefined ? undefined : join(directory, FILE);
  let document = file === undefined ? {} : load(file);
  return {
    get document() {
      return document;
    },
    of: (service) => ({ ...document.default, ...servicesOf(document).get(service) }),
    put(value) {
      const next = readSamplingDocument(value);
      if (file !== undefined) save(file, next);
      document = next;
      this.onChange();
      return document;
    },
    onChange: () => undefined,
  };
}

// A map, because names come from outside, and every object has a `constructor`.
const servicesOf = ({ services }: SamplingDocument): ReadonlyMap<string, Partial<SamplingSettings>> =>
  new Map(Object.entries(services ?? {}));

/** Checked; parts that name nothing are left out. Throws AODE_OPTION_INVALID with the place. */
function readSamplingDocument(value: unknown): SamplingDocument {
  if (!isRecord(value)) throw refusal('sampling', 'it is no object');
  const unknown = Object.keys(value).find((key) => key !== 'default' && key !== 'services');
  if (unknown !== undefined) throw refusal(unknown.slice(0, 100), 'it is none of default, services');
  const { services = {}, default: all = {} } = value;
  if (!isRecord(services)) throw refusal('services', 'it is no object');
  const forAll = settingsAt('default', all);
  const named = Object.entries(services)
    .map(([name, one]) => [name, settingsAt(`services.${name.slice(0, 100)}`, one)] as const)
    .filter(([, one]) => Object.keys(one).length > 0);
  return {
    ...(Object.keys(forAll).length === 0 ? {} : { default: forAll }),
    ...(named.length === 0 ? {} : { services: Object.fromEntries(named) }),
  };
}

function settingsAt(place: string, value: unknown): Partial<SamplingSettings> {
  try {
    return readSamplingSettings(value);
  } catch (error) {
    if (!isAodeError(error)) throw error;
    const { option, ...rest } = error.detail;
    const at = option === 'sampling' ? place : `${place}.${String(option).slice(0, 100)}`;
    throw new AodeError('AODE_OPTION_INVALID', { option: at, ...rest });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refusal = (option: string, why: string): AodeError =>
  new AodeError('AODE_OPTION_INVALID', { option, why });

function load(file: string): SamplingDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new AodeError('AODE_DATA_DAMAGED', { path: file, reason: String(error) }, error);
  }
  try {
    return readSamplingDocument(JSON.parse(text) as unknown);
  } catch (error) {
    throw new AodeError('AODE_DATA_DAMAGED', { path: file, reason: 'it holds no sampling settings' }, error);
  }
}

/** Written aside and renamed: a hub that is killed leaves the one or the other. */
function save(file: string, document: SamplingDocument): void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(document, null, 2)}\n`, { flush: true });
    renameSync(`${file}.new`, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AodeError('AODE_DATA_UNWRITABLE', { path: file, reason }, error);
  }
}
