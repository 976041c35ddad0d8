/** The language of the page: phrases with their holes filled, numbers and times in its manner. */
import { createContext, Fragment, type ReactNode, useContext } from 'react';
import { EN, type Dictionary, type Word } from './en.ts';
import { createFormat, type Format, type Lang } from './format.ts';
import { piecesOf } from './phrase.ts';
import { ZH } from './zh.ts';

type Hole = ReactNode;
type Holes = Readonly<Record<string, Hole>>;
type TextHoles = Readonly<Record<string, string | number>>;

export interface Words {
  readonly lang: Lang;
  readonly fmt: Format;
  /** A phrase whose holes may hold elements. Numbers are written in the manner of the language. */
  readonly say: (word: Word, holes: Holes) => ReactNode;
  /** A phrase as plain text. */
  readonly text: (word: Word, holes?: TextHoles) => string;
}

const DICTIONARY: Readonly<Record<Lang, Dictionary>> = { en: EN, zh: ZH };

export function createWords(lang: Lang, timeZone?: string): Words {
  const fmt = createFormat(lang, timeZone);
  const dictionary = DICTIONARY[lang];
  const fill = <T extends Hole>(
    word: Word,
    holes: Readonly<Record<string, T>>,
  ): readonly (T | string | undefined)[] =>
    piecesOf(dictionary[word]).map((piece) => {
      if (piece.kind === 'text') return piece.text;
      const value = holes[piece.name];
      if (piece.kind === 'forms') return fmt.plural(Number(value)) === 'one' ? piece.one : piece.other;
      return typeof value === 'number' ? fmt.number(value) : value;
    });
  return {
    lang,
    fmt,
    say: (word, holes) => fill(word, holes).map((piece, at) => <Fragment key={at}>{piece}</Fragment>),
    text: (word, holes = {}) => fill(word, holes).join(''),
  };
}

const WordsContext = createContext<Words>(createWords('en'));

export function WordsProvider({ words, children }: { words: Words; children: ReactNode }): ReactNode {
  return <WordsContext value={words}>{children}</WordsContext>;
}

export function useWords(): Words {
  return useContext(WordsContext);
}
