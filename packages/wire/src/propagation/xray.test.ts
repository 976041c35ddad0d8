import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyTrace, SPAN, TRACE } from '../testing/remote.ts';
import { formatXRay, parseXRay } from './xray.ts';

const ROOT = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`;

test('what is valid', () => {
  const open = { traceId: TRACE, spanId: SPAN, sampled: undefined, debug: false, others: [] };
  const rootOnly = { ...open, spanId: undefined };
  const cases: readonly (readonly [string, unknown])[] = [
    [`${ROOT};Parent=${SPAN};Sampled=1`, { ...open, sampled: true }],
    [`${ROOT};Parent=${SPAN};Sampled=0`, { ...open, sampled: false }],
    [`${ROOT};Parent=${SPAN};Sampled=?`, open],
    [`${ROOT};Parent=${SPAN}`, open],
    [` Sampled=1 ; Parent=${SPAN} ;\t${ROOT} ; `, { ...open, sampled: true }],
    [ROOT, rootOnly],
    [`${ROOT};Sampled=1`, { ...rootOnly, sampled: true }],
    [
      `Self=1-67891234-12456789abcdef012345678;${ROOT};Lineage=a87bd80c:1|68fd508a:5`,
      { ...rootOnly, others: ['Self=1-67891234-12456789abcdef012345678', 'Lineage=a87bd80c:1|68fd508a:5'] },
    ],
    [ROOT.toUpperCase().replace('ROOT', 'Root'), rootOnly],
  ];
  for (const [header, wanted] of cases) assert.deepEqual(parseXRay(header), wanted, header);
});

test('what is not', () => {
  const cases = [
    '',
    ';',
    'Sampled=1',
    `Parent=${SPAN};Sampled=1`,
    `${ROOT};Sampled=2`,
    `${ROOT};Sampled=`,
    `${ROOT};Parent=`,
    `${ROOT};Parent=${SPAN.slice(1)}`,
    `${ROOT};Parent=${'0'.repeat(16)}`,
    `${ROOT};${ROOT}`,
    `${ROOT};other`,
    `${ROOT};k=\u00fc`,
    ROOT.replace('=1-', '=2-'),
    `Root=1-00000000-${'0'.repeat(24)}`,
    `Root=${TRACE}`,
    `${ROOT};${'a=1;'.repeat(16)}`,
    `${ROOT};a=${'x'.repeat(257)}`,
    ';'.repeat(16_000),
  ];
  for (const header of cases) assert.equal(parseXRay(header), undefined, header.slice(0, 100));
  assert.equal(parseXRay(`${ROOT};${'a=1;'.repeat(15)}`)?.others.length, 15);
});

test('parse undoes format, and other fields stay', () => {
  const field = fc.stringMatching(/^[A-Za-z][a-z]{0,5}=[!-:<-~]{1,20}$/);
  const isOther = (text: string): boolean => !/^(?:Root|Parent|Sampled)=/.test(text);
  fc.assert(
    fc.property(anyTrace, fc.array(field.filter(isOther), { maxLength: 8 }), (trace, others) => {
      const given = { ...trace, debug: false, others };
      assert.deepEqual(parseXRay(formatXRay(given)), given);
      const rootOnly = { ...given, spanId: undefined };
      assert.deepEqual(parseXRay(formatXRay(rootOnly)), rootOnly);
    }),
  );
});
