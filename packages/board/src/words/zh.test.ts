import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EN, type Word } from './en.ts';
import { holesOf, piecesOf } from './phrase.ts';
import { ZH } from './zh.ts';

const WORDS = Object.keys(EN) as Word[];

test('both languages have the same words', () => {
  assert.deepEqual(Object.keys(ZH).toSorted(), WORDS.toSorted());
});

test('both languages have the same holes, so that no number is lost in one of them', () => {
  for (const word of WORDS) assert.deepEqual(holesOf(ZH[word]), holesOf(EN[word]), word);
});

test('forms stand on numbers that the phrase takes, and no brace is left over', () => {
  for (const [lang, dictionary] of Object.entries({ EN, ZH })) {
    for (const word of WORDS) {
      const pieces = piecesOf(dictionary[word]);
      const holes = holesOf(dictionary[word]);
      for (const piece of pieces) {
        if (piece.kind === 'text') assert.doesNotMatch(piece.text, /[{}|]/, `${lang} ${word}`);
        if (piece.kind === 'forms') assert.ok(holes.includes(piece.name), `${lang} ${word}: ${piece.name}`);
      }
    }
  }
});

test('Chinese phrases are Chinese', () => {
  const sameOnPurpose = new Set<Word>([
    'otherLanguage',
    'footVersion',
    'p95',
    'times',
    'json',
    'grpHttp',
    'grpRpc',
    'group',
    'fromTo',
  ]);
  for (const word of WORDS) {
    if (!sameOnPurpose.has(word)) assert.match(ZH[word], /\p{Script=Han}/u, word);
  }
});
