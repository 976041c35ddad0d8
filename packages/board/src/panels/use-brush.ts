/** Dragging over a picture along one axis: where it began and where it is, and what was chosen in the end. */
import { type PointerEvent as ReactPointerEvent, useRef, useState } from 'react';

export interface Brush {
  /** Pixels from the left edge of the box while dragging, in order; else null. */
  readonly drawn: readonly [number, number] | null;
  readonly handlers: {
    readonly onPointerDown: (event: ReactPointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: ReactPointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: ReactPointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: () => void;
  };
}

export interface BrushActs {
  /** Two places in pixels from the left edge, in order. */
  readonly onChoose: (from: number, to: number) => void;
  readonly onClick?: (at: number) => void;
  readonly onMove?: (at: number) => void;
}

/** Fewer pixels than this are a click by an unsteady hand. */
const DRAG_LEAST_PX = 5;

export function useBrush({ onChoose, onClick, onMove }: BrushActs): Brush {
  const from = useRef<number | null>(null);
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const place = (event: ReactPointerEvent<HTMLElement>): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  return {
    drawn,
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0) return;
        from.current = place(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove(event) {
        const at = place(event);
        onMove?.(at);
        const start = from.current;
        if (start !== null && Math.abs(at - start) >= DRAG_LEAST_PX) {
          setDrawn([Math.min(start, at), Math.max(start, at)]);
        }
      },
      onPointerUp(event) {
        const start = from.current;
        from.current = null;
        setDrawn(null);
        if (start === null) return;
        const at = place(event);
        if (Math.abs(at - start) >= DRAG_LEAST_PX) onChoose(Math.min(start, at), Math.max(start, at));
        else onClick?.(at);
      },
      onPointerCancel() {
        from.current = null;
        setDrawn(null);
      },
    },
  };
}
