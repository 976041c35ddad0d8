/** What stands around every page: name, pages, range, service, live, language, theme; the hub's pulse at the foot. */
import type { StatusResponse } from '@aode/wire/hub-api';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useBoard } from '../data/board.tsx';
import { useHubNow, useServices, useStatus } from '../data/queries.ts';
import { LAST_MINUTES, liveAgain, type Range, spanOf } from '../data/range.ts';
import { nextTheme, savedTheme, saveTheme } from '../data/settings.ts';
import { flat, type Lang } from '../words/format.ts';
import { cutText, visibleText } from '../words/visible.ts';
import { lastWord } from '../words/range-words.ts';
import { useWords } from '../words/words.tsx';
import { Icon, ICON } from './glyph.tsx';
import { Raw } from './raw-text.tsx';

export const PAGES = [
  { word: 'overview', path: '/' },
  { word: 'traces', path: '/traces' },
  { word: 'logs', path: '/logs' },
  { word: 'causes', path: '/causes' },
  { word: 'sdk', path: '/sdk' },
] as const;

/** The page that a path belongs to, or undefined. */
export function pageOf(path: string): (typeof PAGES)[number] | undefined {
  if (path === '/search' || path.startsWith('/trace/')) return PAGES[1];
  return PAGES.find((page) => page.path === path);
}

export interface FrameProps {
  /** Services to blame right now, shown at the page that explains. */
  readonly faultCount: number;
  readonly stale: boolean;
  readonly onLang: (lang: Lang) => void;
}

export function Frame({ faultCount, stale, onLang }: FrameProps): ReactNode {
  const { text, lang } = useWords();
  const board = useBoard();
  const current = pageOf(board.path);
  return (
    <header className={board.state.range.kind === 'fixed' ? 'frame fixed' : 'frame'}>
      <Link className="mark" href={board.href('/')}>
        <Mark />
        <span>{lang === 'zh' ? '奥德' : 'Aode'}</span>
        <small lang={lang === 'zh' ? 'en' : 'zh'}>{lang === 'zh' ? 'Aode' : '奥德'}</small>
      </Link>
      <nav className="nav" aria-label={text('pages')}>
        <PageLinks faultCount={faultCount} />
      </nav>
      <details key={board.path} className="menu">
        <summary>
          {current === undefined ? '' : text(current.word)}
          <span className="is-dim" aria-hidden="true">
            ▾
          </span>
        </summary>
        <nav aria-label={text('pages')}>
          <PageLinks faultCount={faultCount} />
          <ServicePicker />
          <LiveButton stale={stale} />
        </nav>
      </details>
      <div className="tools">
        <span className="on-wide">
          <ServicePicker />
        </span>
        <RangePicker />
        <LiveButton stale={stale} />
        <button
          className="tool"
          type="button"
          lang={lang === 'zh' ? 'en' : 'zh'}
          onClick={() => onLang(lang === 'zh' ? 'en' : 'zh')}
        >
          {text('otherLanguage')}
        </button>
        <ThemeButton />
      </div>
    </header>
  );
}

function PageLinks({ faultCount }: { faultCount: number }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const current = pageOf(board.path);
  return PAGES.map((page) => (
    <Link key={page.word} href={board.href(page.path)} aria-current={page === current ? 'page' : undefined}>
      {text(page.word)}
      {page.word === 'causes' && faultCount > 0 && <span className="count">{faultCount}</span>}
    </Link>
  ));
}

/** Service names longer than this make a picker nobody can use. */
const OPTION_MAX = 48;

function ServicePicker(): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const services = useServices(board.state.range);
  const chosen = board.state.service;
  const names = (services.data?.services ?? [])
    .map((row) => row.name)
    .sort((a, b) => a.localeCompare(b, 'en'));
  const known = chosen === null || names.includes(chosen) ? names : [chosen, ...names];
  return (
    <label className="tool boxed picker">
      <span className="cut" aria-hidden="true">
        {chosen === null ? text('allServices') : <Raw text={chosen} max={OPTION_MAX} />}
      </span>
      <Caret />
      <select
        aria-label={text('serviceFilter')}
        value={chosen ?? ''}
        onChange={(event) => board.change({ service: event.target.value === '' ? null : event.target.value })}
      >
        <option value="">{text('allServices')}</option>
        {known.map((name) => (
          <option key={name} value={name}>
            {visibleText(cutText(name, OPTION_MAX))}
          </option>
        ))}
      </select>
    </label>
  );
}

function RangePicker(): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const namesOf = useRangeNames();
  const { range } = board.state;
  const [long, short] = namesOf(range);
  const offered = range.kind === 'last' && !LAST_MINUTES.includes(range.minutes) ? [range.minutes] : [];
  return (
    <label className="tool boxed picker">
      <span className="cut on-wide" aria-hidden="true">
        {long}
      </span>
      <span className="cut slim" aria-hidden="true">
        {short}
      </span>
      <Caret />
      <select
        aria-label={text('rangePicker')}
        value={range.kind === 'last' ? String(range.minutes) : 'fixed'}
        onChange={(event) => board.change({ range: { kind: 'last', minutes: Number(event.target.value) } })}
      >
        {range.kind === 'fixed' && <option value="fixed">{long}</option>}
        {[...offered, ...LAST_MINUTES].map((minutes) => (
          <option key={minutes} value={String(minutes)}>
            {namesOf({ kind: 'last', minutes })[0]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a range is called where there is room, and where there is not: then its times without their day. */
function useRangeNames(): (range: Range) => readonly [long: string, short: string] {
  const { text, fmt } = useWords();
  const hubNow = useHubNow();
  return (range) => {
    if (range.kind === 'last') {
      const [word, n] = lastWord(range.minutes);
      const d = text(word, { n });
      return [text('lastN', { d }), d];
    }
    const { startMs, endMs } = range;
    const today = new Date(startMs).toDateString() === new Date(hubNow()).toDateString();
    const precision = endMs - startMs < SECONDS_BELOW_MS ? 'second' : 'minute';
    const [a, b] = [fmt.clock(startMs, precision), fmt.clock(endMs, precision)];
    const far = endMs - startMs > DAY_MS;
    // On a narrow screen the minutes must do.
    const short = far
      ? text('fromTo', { a: fmt.day(startMs), b: fmt.day(endMs) })
      : text('fromTo', { a: fmt.clock(startMs), b: fmt.clock(endMs) });
    if (today && !far) return [text('fromTo', { a, b }), short];
    return [text('fromTo', { a: fmt.dateTime(startMs), b: far ? fmt.dateTime(endMs) : b }), short];
  };
}

/** Ranges below ten minutes are told apart by their seconds. */
const SECONDS_BELOW_MS = 600_000;
const DAY_MS = 86_400_000;

function LiveButton({ stale }: { stale: boolean }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const hubNow = useHubNow();
  const { range } = board.state;
  const live = range.kind === 'last';
  const running = live && !stale;
  const toggle = (): void =>
    board.change({ range: live ? { kind: 'fixed', ...whole(spanOf(range, hubNow())) } : liveAgain(range) });
  return (
    <button
      className="tool live"
      type="button"
      aria-pressed={live}
      title={text(live ? 'pauseHint' : 'liveHint')}
      onClick={toggle}
    >
      <i className={running ? 'live-dot' : 'live-dot paused'} />
      {text(running ? 'live' : 'paused')}
    </button>
  );
}

function whole({ startMs, endMs }: { startMs: number; endMs: number }): { startMs: number; endMs: number } {
  return { startMs: Math.round(startMs), endMs: Math.round(endMs) };
}

const THEME = {
  system: ['themeSystem', ICON.half],
  light: ['themeLight', ICON.sun],
  dark: ['themeDark', ICON.moon],
} as const;

function ThemeButton(): ReactNode {
  const { text } = useWords();
  const [theme, setTheme] = useState(savedTheme);
  const [word, icon] = THEME[theme];
  const turn = (): void => {
    const next = nextTheme(theme);
    saveTheme(next);
    setTheme(next);
    showTheme();
  };
  return (
    <button className="tool" type="button" title={text(word)} aria-label={text(word)} onClick={turn}>
      <Icon d={icon} />
    </button>
  );
}

/** Puts the saved theme on the page; called before the first paint too. */
export function showTheme(): void {
  const theme = savedTheme();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function Caret(): ReactNode {
  return (
    <span className="is-dim" aria-hidden="true">
      ▾
    </span>
  );
}

/** A bar over a dot: a span and its log line on one axis. */
function Mark(): ReactNode {
  return (
    <svg width="20" height="18" viewBox="0 0 20 18" aria-hidden="true">
      <rect x="1" y="3" width="18" height="4" rx="1" fill="var(--ink)" />
      <path d="M7.5 7v4" stroke="var(--ink)" strokeWidth="1" />
      <circle cx="7.5" cy="13" r="2.4" fill="var(--select)" />
    </svg>
  );
}

export function Foot({ onHelp }: { onHelp: () => void }): ReactNode {
  const { text } = useWords();
  const status = useStatus();
  return (
    <footer className="foot">
      <span>{text('hub')}</span>
      {status.data !== undefined && <Pulse status={status.data} />}
      <span className="right on-wide">
        {status.data !== undefined && <span>{text('footVersion', { v: status.data.version })}</span>}
        <button type="button" onClick={onHelp}>
          <kbd>?</kbd> {text('keys')}
        </button>
      </span>
    </footer>
  );
}

function Pulse({ status }: { status: StatusResponse }): ReactNode {
  const { say, text, fmt } = useWords();
  const board = useBoard();
  const lost = Object.values(status.lost).reduce((sum, count) => sum + count, 0);
  const reasons = Object.entries(status.lost)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${fmt.number(count)}`);
  const stored = <b>{flat(fmt.bytes(status.stored.bytes))}</b>;
  return (
    <>
      <span>{say('footRate', { n: <b>{fmt.number(status.rate.spans)}</b> })}</span>
      <Link className={lost > 0 ? 'is-slow' : undefined} title={reasons.join(', ')} href={board.href('/sdk')}>
        {say('footLost', { n: <b>{fmt.number(lost)}</b> })}
      </Link>
      {status.alignment !== null && (
        <span title={text('footAlignHint')}>
          {say('footAlign', { n: <b>{flat(fmt.percent(status.alignment))}</b> })}
        </span>
      )}
      <span className="on-wide">
        {status.bytesMax > 0
          ? say('footDisk', { a: stored, b: flat(fmt.bytes(status.bytesMax)) })
          : say('footMemory', { a: stored })}
      </span>
    </>
  );
}
