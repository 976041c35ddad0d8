import type { AttributeRow } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeText, flatGroup, groupAttributes } from './attribute-groups.ts';

const row = (key: string, value: AttributeRow['value'] = 'x'): AttributeRow => ({
  key,
  type: 'string',
  value,
});

test('attributes go to the room of their first name, in one order whatever they came in', () => {
  const rows = [
    'url.full',
    'zeta',
    'db.system',
    'error.type',
    'http.route',
    'server.address',
    'exception.type',
  ];
  const groups = groupAttributes(
    rows.map((key) => row(key)),
    '',
  );
  assert.deepEqual(
    groups.map(({ name, attributes }) => [name, attributes.map(({ key }) => key)]),
    [
      ['err', ['error.type', 'exception.type']],
      ['net', ['server.address']],
      ['http', ['url.full', 'http.route']],
      ['db', ['db.system']],
      ['other', ['zeta']],
    ],
  );
});

test('keys that JavaScript knows are keys like others', () => {
  const groups = groupAttributes([row('__proto__'), row('constructor.x'), row('')], '');
  assert.deepEqual(
    groups.map(({ name, attributes }) => [name, attributes.length]),
    [['other', 3]],
  );
});

test('what is looked for may be in key, value or across both', () => {
  const rows = [row('http.route', '/Pay'), row('peer', 'bank')];
  const found = (find: string): number =>
    groupAttributes(rows, find).reduce((sum, { attributes }) => sum + attributes.length, 0);
  assert.equal(found(' ROUTE '), 1);
  assert.equal(found('/pay'), 1);
  assert.equal(found('peer=bank'), 1);
  assert.equal(found('nowhere'), 0);
  assert.deepEqual(flatGroup('res', rows, 'nowhere'), []);
  assert.deepEqual(flatGroup('res', rows, 'bank'), [
    { name: 'res', attributes: [{ key: 'peer', value: 'bank' }] },
  ]);
});

test('values are text as they are, anything else JSON', () => {
  assert.equal(attributeText('5'), '5');
  assert.equal(attributeText(5), '5');
  assert.equal(attributeText(null), 'null');
  assert.equal(attributeText([1, { a: true }]), '[1,{"a":true}]');
});
