import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTracestate } from '@aode/wire';
import type { TraceState } from '@opentelemetry/api';
import { MemberState } from '../trace/member-state.ts';
import { readOtelState, withDecision } from './ot-member.ts';
import { NOT_SAMPLED, thresholdOf } from './threshold.ts';

const stateOf = (header: string): TraceState => new MemberState(parseTracestate(header) ?? []);
const unknown = { sampled: true, th: undefined };
const half = thresholdOf(0.5).decision;

test('reading', () => {
  assert.equal(readOtelState(undefined), undefined);
  assert.equal(readOtelState(stateOf('a=1')), undefined);
  assert.equal(readOtelState(stateOf('ot=broken')), undefined);
  assert.deepEqual(readOtelState(stateOf('a=1,ot=th:c')), { th: 'c', rv: undefined, others: [] });
  assert.equal(readOtelState(stateOf('ot=th:c')), readOtelState(stateOf('ot=th:c,a=1')));
  for (let i = 0; i < 1000; i += 1) {
    const rv = i.toString(16).padStart(14, '0');
    assert.equal(readOtelState(stateOf(`ot=rv:${rv}`))?.rv, rv);
    assert.equal(readOtelState(stateOf(`ot=th:c;x:${i}`))?.th, 'c');
  }
});

test('a state that says the decision already is the same object', () => {
  for (const [header, decision] of [
    ['ot=th:8;rv:6e6d1a75832a2f,a=1', half],
    ['a=1', NOT_SAMPLED],
    ['ot=rv:6e6d1a75832a2f', unknown],
    ['ot=p:1', NOT_SAMPLED],
  ] as const) {
    const state = stateOf(header);
    assert.equal(withDecision(state, decision), state, header);
  }
  assert.equal(withDecision(undefined, NOT_SAMPLED), undefined);
  assert.equal(withDecision(undefined, half), withDecision(undefined, half));
});

test('th is written and erased; all else stays', () => {
  const cases: readonly (readonly [string | undefined, typeof unknown | typeof half, string])[] = [
    [undefined, half, 'ot=th:8'],
    ['a=1', half, 'ot=th:8,a=1'],
    ['a=1,ot=rv:6e6d1a75832a2f', half, 'ot=th:8;rv:6e6d1a75832a2f,a=1'],
    ['a=1,ot=th:c;p:8;rv:6e6d1a75832a2f', NOT_SAMPLED, 'ot=rv:6e6d1a75832a2f;p:8,a=1'],
    ['a=1,ot=th:0', NOT_SAMPLED, 'a=1'],
    ['a=1,ot=th:0,b=2', unknown, 'a=1,b=2'],
    // Neither a threshold that cannot be nor a list that cannot be read goes on as if we had said it.
    ['ot=th:C;p:8', NOT_SAMPLED, 'ot=p:8'],
    ['ot=th:c;th:c,a=1', unknown, 'a=1'],
    ['ot=th:c;th:c,a=1', half, 'ot=th:8,a=1'],
  ];
  for (const [header, decision, wanted] of cases) {
    const given = header === undefined ? undefined : stateOf(header);
    assert.equal(withDecision(given, decision)?.serialize(), wanted, header);
    if (header !== undefined) assert.equal(given?.serialize(), header);
  }
});
