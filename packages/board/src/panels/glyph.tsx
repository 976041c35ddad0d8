/** The second sign beside each colour: cross fails, diamond hit from elsewhere, triangle slow, tick fine, dot usual. */
import type { ReactNode } from 'react';

export type GlyphKind = 'error' | 'warn' | 'slow' | 'hit' | 'ok' | 'calm' | 'info' | 'cross';

export function Glyph({ kind }: { kind: GlyphKind }): ReactNode {
  return (
    <svg className="glyph" viewBox="0 0 12 12" aria-hidden="true">
      {shapeOf(kind)}
    </svg>
  );
}

function shapeOf(kind: GlyphKind): ReactNode {
  switch (kind) {
    case 'error':
      return (
        <>
          <circle cx="6" cy="6" r="6" fill="var(--error)" />
          <path
            d="M3.9 3.9 8.1 8.1M8.1 3.9 3.9 8.1"
            stroke="var(--bg)"
            strokeWidth="1.6"
            strokeLinecap="round"
          />
        </>
      );
    case 'warn':
    case 'slow':
      return (
        <>
          <path d="M6 .8 11.6 11H.4Z" fill="var(--slow)" />
          <path d="M6 4.4v3.2M6 8.9v.9" stroke="var(--bg)" strokeWidth="1.3" />
        </>
      );
    case 'hit':
      return <path d="M6 1 11 6 6 11 1 6Z" fill="none" stroke="var(--error)" strokeWidth="1.4" />;
    case 'ok':
      return (
        <>
          <circle cx="6" cy="6" r="5.3" fill="none" stroke="var(--ok)" strokeWidth="1.3" />
          <path
            d="M3.5 6.2 5.3 8 8.6 4.3"
            fill="none"
            stroke="var(--ok)"
            strokeWidth="1.4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      );
    case 'cross':
      return <path d="m3 3 6 6m0-6-6 6" stroke="var(--error)" strokeWidth="1.5" />;
    case 'calm':
      return <circle cx="6" cy="6" r="2" fill="var(--ink-3)" />;
    case 'info':
      return <circle cx="6" cy="6" r="2.4" fill="var(--ink-3)" />;
  }
}

/** The sign of a log level by its OTLP severity number. */
export function levelGlyph(severityNumber: number): GlyphKind {
  if (severityNumber >= 17) return 'error';
  return severityNumber >= 13 ? 'warn' : 'info';
}

export function Icon({ d, size = 16 }: { d: string; size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={d} fill="none" stroke="currentColor" strokeWidth="1.3" />
    </svg>
  );
}

export const ICON = {
  search: 'M11.3 6.8a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.2 10.2l3.6 3.6',
  copy: 'M3 3h7v7H3zM6 10v3h7V6h-3',
  half: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v2m0 10v2M1 8h2m10 0h2M3 3l1 1m8 8 1 1m0-10-1 1M3 13l1-1',
  moon: 'M13 9.8A5.5 5.5 0 0 1 6.2 3a5.5 5.5 0 1 0 6.8 6.8z',
} as const;
