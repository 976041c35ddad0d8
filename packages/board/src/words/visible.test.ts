import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutText, safeLink, stretchesOf, visibleText } from './visible.ts';

/** Any UTF-16 at all: what damaged senders produce. */
const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('\u202e', '\u0000', '\u001b[31m', '\ud800', '\udc00', '\ufeff', '\u200b', '\u{e0041}'),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join(''));

/** Tab and line feed are read; everything else of these acts. */
const ACTS = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff\u2028\u2029]|\p{Cs}/u;

test('nothing that acts ever comes out', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      assert.doesNotMatch(visibleText(text), ACTS);
    }),
  );
});

test('nothing is lost: what is not shown is named by its number', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const back = stretchesOf(text)
        .map(({ text: part, escape }) =>
          escape ? String.fromCodePoint(Number.parseInt(part.slice(2), 16)) : part,
        )
        .join('');
      // A high and a low half that stood apart may meet when they are put together again.
      assert.equal(back.length, text.length);
      assert.equal(back, text);
    }),
  );
});

test('readable text stays as it is', () => {
  for (const text of ['', 'POST /pay 502', '支付失败', 'naïve\tcafé\nthird line', 'Z̸̨̛a̶̡l̵̢g̷̨o̴̡']) {
    assert.equal(visibleText(text), text);
  }
});

test('emoji are kept whole, joined ones too; a joiner elsewhere is shown', () => {
  for (const text of ['😀', '👨‍👩‍👧', '👩🏽‍🚀', '❤️‍🔥', '🇨🇳']) assert.equal(visibleText(text), text);
  assert.equal(visibleText('pay\u200dment'), 'pay⟨U+200D⟩ment');
  assert.equal(visibleText('😀\u200dx'), '😀⟨U+200D⟩x');
});

test('controls, overrides and halves of pairs are shown by number', () => {
  assert.equal(visibleText('\u202egnp.exe'), '⟨U+202E⟩gnp.exe');
  assert.equal(visibleText('\u001b[2J'), '⟨U+001B⟩[2J');
  assert.equal(visibleText('a\r\nb'), 'a⟨U+000D⟩\nb');
  assert.equal(visibleText('\ud83d'), '⟨U+D83D⟩');
});

test('a cut text is no longer than asked and never ends inside a pair', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
      const whole = text.toWellFormed();
      const cut = cutText(whole, max);
      assert.ok(cut.isWellFormed());
      if (whole.length <= max) assert.equal(cut, whole);
      else assert.ok(cut.endsWith('…') && cut.length <= max + 1 && whole.startsWith(cut.slice(0, -1)));
    }),
  );
  assert.equal(cutText('ab😀', 3), 'ab…');
});

test('only addresses of the web and of mail become links', () => {
  for (const good of ['https://example.org/a?b=c', 'HTTP://example.org', 'mailto:a@example.org']) {
    assert.equal(safeLink(good), good);
  }
  for (const bad of [
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    ' https://example.org',
    'https://exa mple.org',
    'data:text/html,x',
    'file:///etc/passwd',
    '//example.org',
    'https://',
    `https://example.org/${'x'.repeat(2048)}`,
  ]) {
    assert.equal(safeLink(bad), null, bad.slice(0, 40));
  }
});

test('whatever is followed is http, https or mailto', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        hostile,
        fc.webUrl(),
        fc.webUrl().map((url) => `javascript:${url}`),
      ),
      (text) => {
        const link = safeLink(text);
        if (link !== null) assert.match(new URL(link).protocol, /^(https?|mailto):$/);
      },
    ),
  );
});
