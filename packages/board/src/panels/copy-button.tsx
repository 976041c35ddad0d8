/** Copies text and says so for a moment. */
import { type ReactNode, useEffect, useState } from 'react';
import { after } from '../data/clock.ts';
import { useWords } from '../words/words.tsx';

const SAID_MS = 1_500;

export interface CopyButtonProps {
  readonly text: () => string;
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function CopyButton({ text: textOf, label, className, children }: CopyButtonProps): ReactNode {
  const { text } = useWords();
  const [done, setDone] = useState(false);
  useEffect(() => (done ? after(SAID_MS, () => setDone(false)) : undefined), [done]);
  return (
    <button
      type="button"
      className={className}
      title={label}
      aria-label={label}
      onClick={(event) => {
        event.stopPropagation();
        void copyText(textOf()).then(() => setDone(true));
      }}
    >
      {done ? <span role="status">{className === undefined ? '✓' : text('copied')}</span> : children}
    </button>
  );
}

/** Without a secure origin there is no clipboard object: then by selection, as of old. */
async function copyText(text: string): Promise<void> {
  if ('clipboard' in navigator) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
