/** What this browser remembers: language and theme. Works without storage too (private windows may refuse it). */
import type { Lang } from '../words/format.ts';

export type Theme = 'system' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export function savedTheme(): Theme {
  const saved = read('aode.theme');
  return THEMES.find((theme) => theme === saved) ?? 'system';
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
}

export function saveTheme(theme: Theme): void {
  write('aode.theme', theme);
}

/** As saved, else the first language of the browser that the board speaks. */
export function savedLang(): Lang {
  const saved = read('aode.lang');
  if (saved === 'en' || saved === 'zh') return saved;
  const wanted = navigator.languages.find((each) => /^(zh|en)\b/i.test(each));
  return wanted?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}

export function saveLang(lang: Lang): void {
  write('aode.lang', lang);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Refused storage only means that the next visit begins with the default.
  }
}
