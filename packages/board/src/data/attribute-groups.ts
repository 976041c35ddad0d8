/** Attributes of a span, sorted into the rooms of OpenTelemetry's naming: http, network, database … resource. */
import type { AttributeJson, AttributeRow } from '@aode/wire/hub-api';

export type GroupName = 'err' | 'net' | 'http' | 'db' | 'rpc' | 'msg' | 'code' | 'other' | 'scope' | 'res';

export interface AttributeGroup {
  readonly name: GroupName;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

const ROOM: Readonly<Record<string, GroupName>> = {
  error: 'err',
  exception: 'err',
  retry: 'err',
  network: 'net',
  net: 'net',
  server: 'net',
  client: 'net',
  peer: 'net',
  tls: 'net',
  dns: 'net',
  http: 'http',
  url: 'http',
  user_agent: 'http',
  db: 'db',
  rpc: 'rpc',
  grpc: 'rpc',
  messaging: 'msg',
  code: 'code',
  thread: 'code',
};

const ORDER: readonly GroupName[] = ['err', 'net', 'http', 'db', 'rpc', 'msg', 'code', 'other'];

export function groupAttributes(rows: readonly AttributeRow[], find: string): readonly AttributeGroup[] {
  const rooms = new Map<GroupName, { key: string; value: string }[]>();
  for (const row of rows) {
    const value = attributeText(row.value);
    if (!matches(row.key, value, find)) continue;
    const first = row.key.split('.', 1)[0] ?? '';
    const name = Object.hasOwn(ROOM, first) ? (ROOM[first] ?? 'other') : 'other';
    const room = rooms.get(name) ?? [];
    room.push({ key: row.key, value });
    rooms.set(name, room);
  }
  return ORDER.flatMap((name) => {
    const attributes = rooms.get(name);
    return attributes === undefined ? [] : [{ name, attributes }];
  });
}

/** One group with all that matches, in the order sent: for resources and scopes. */
export function flatGroup(
  name: GroupName,
  rows: readonly AttributeRow[],
  find: string,
): readonly AttributeGroup[] {
  const attributes = rows
    .map((row) => ({ key: row.key, value: attributeText(row.value) }))
    .filter((row) => matches(row.key, row.value, find));
  return attributes.length === 0 ? [] : [{ name, attributes }];
}

/** A string as it is, anything else as JSON: the text that the hub compares filters with. */
export function attributeText(value: AttributeJson): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function matches(key: string, value: string, find: string): boolean {
  const wanted = find.trim().toLowerCase();
  return wanted === '' || `${key}=${value}`.toLowerCase().includes(wanted);
}
