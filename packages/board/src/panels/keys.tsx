/** Keys that hold on every page, and their list. A key pressed in a field belongs to the field. */
import { type ReactNode, useEffect, useRef } from 'react';
import { useBoard } from '../data/board.tsx';
import { nowMs } from '../data/clock.ts';
import { useWords } from '../words/words.tsx';

/** `g` waits this long for the letter of a page. */
const LEAD_MS = 1_000;

const GO: Readonly<Record<string, string>> = { o: '/', t: '/traces', l: '/logs', c: '/causes', s: '/sdk' };

/** Rows that j and k walk over where a page has no walk of its own. */
const ROWS = 'main a.tr, main .tr[tabindex], main summary';

export function useKeys(help: boolean, setHelp: (shown: boolean) => void): void {
  const board = useBoard();
  const lead = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      const field = event.target instanceof Element && event.target.matches('input, select, textarea');
      if (field || help) {
        if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
        return;
      }
      const page = nowMs() - lead.current < LEAD_MS ? GO[event.key] : undefined;
      lead.current = event.key === 'g' ? nowMs() : 0;
      if (page !== undefined) board.go(page);
      else act(event, () => setHelp(true), board.path.startsWith('/trace/'));
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [board, help, setHelp]);
}

function act(event: KeyboardEvent, openHelp: () => void, onTrace: boolean): void {
  switch (event.key) {
    case '?':
      openHelp();
      break;
    case '/':
      focusSearch(event);
      break;
    case 'j':
    case 'k':
      stepRow(event.key === 'j' ? 1 : -1);
      break;
    case 'Escape':
      if (onTrace) history.back();
      break;
  }
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLElement>('.query input, .find');
  if (field === null) return;
  event.preventDefault();
  field.focus();
}

function stepRow(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

const KEYS = [
  ['/', 'kSearch'],
  ['g o|t|l|c|s', 'kGo'],
  ['j k', 'kRows'],
  ['enter', 'kOpen'],
  ['esc', 'kBack'],
  ['[ ]', 'kErr'],
  ['?', 'kHelp'],
] as const;

export function KeysDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { text } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (shown !== null && !shown.open) shown.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={text('keys')}>
      <h2>{text('keys')}</h2>
      <dl>
        {KEYS.map(([key, word]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text(word)}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button className="drop" type="submit">
          {text('close')}
        </button>
      </form>
    </dialog>
  );
}
