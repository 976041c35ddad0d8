/** The keys of the trace page. */
import { useEffect, useRef } from 'react';
import { isLeaf, type TraceRow } from '../data/trace-rows.ts';
import type { WaterfallHandle } from './waterfall.tsx';

export interface TraceKeys {
  readonly rows: readonly TraceRow[];
  readonly selected: string | null;
  /** Makes it the selected row; a folded group stays folded. */
  readonly stepTo: (row: TraceRow) => void;
  readonly toggle: (key: string) => void;
  readonly nextError: (by: 1 | -1) => void;
  /** Null when the whole trace is shown. */
  readonly leaveZoom: (() => void) | null;
  readonly waterfall: { readonly current: WaterfallHandle | null };
}

/** j k rows, enter opens and closes, [ ] errors, escape leaves the zoom. Runs before the keys of all pages. */
export function useTraceKeys(keys: TraceKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target instanceof Element && event.target.matches('input, select, textarea, button, summary'))
        return;
      if (handle(event.key, latest.current)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, []);
}

/** Whether the key was one of ours. */
function handle(key: string, keys: TraceKeys): boolean {
  switch (key) {
    case 'j':
      return walk(keys, 1);
    case 'k':
      return walk(keys, -1);
    case 'Enter':
      return openSelected(keys);
    case '[':
    case ']':
      keys.nextError(key === ']' ? 1 : -1);
      return true;
    case 'Escape':
      keys.leaveZoom?.();
      return keys.leaveZoom !== null;
    default:
      return false;
  }
}

function walk({ rows, selected, stepTo, waterfall }: TraceKeys, by: 1 | -1): boolean {
  const at = rows.findIndex((row) => row.key === selected);
  const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
  if (next === undefined) return false;
  stepTo(next);
  waterfall.current?.show(next.key);
  return true;
}

function openSelected({ rows, selected, toggle }: TraceKeys): boolean {
  const row = rows.find(({ key }) => key === selected);
  if (selected === null || (row !== undefined && isLeaf(row))) return false;
  toggle(selected);
  return true;
}
