/** Where we are: the state in the address, and how to get elsewhere. Every view is a link. */
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type BoardState, readState, STATE_EMPTY, writeState } from './board-state.ts';

export interface Board {
  readonly path: string;
  readonly state: BoardState;
  /** Changes the state on this page; `replace` leaves no step behind in the history. */
  readonly change: (changes: Partial<BoardState>, replace?: boolean) => void;
  readonly go: (path: string, changes?: Partial<BoardState>) => void;
  /** A link that keeps range and service and changes what is given; other filters stay only where asked. */
  readonly href: (path: string, changes?: Partial<BoardState>) => string;
  /** A link that keeps all filters. */
  readonly hrefKeeping: (path: string, changes?: Partial<BoardState>) => string;
}

const BoardContext = createContext<Board | null>(null);

export function BoardProvider({ children }: { children: ReactNode }): ReactNode {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const board = useMemo<Board>(() => {
    const state = readState(search);
    const hrefKeeping = (to: string, changes: Partial<BoardState> = {}): string =>
      to + writeState({ ...state, ...changes });
    const href = (to: string, changes: Partial<BoardState> = {}): string =>
      to + writeState({ ...STATE_EMPTY, range: state.range, service: state.service, ...changes });
    return {
      path,
      state,
      change: (changes, replace = false) => navigate(hrefKeeping(path, changes), { replace }),
      go: (to, changes) => navigate(href(to, changes)),
      href,
      hrefKeeping,
    };
  }, [path, search, navigate]);
  return <BoardContext value={board}>{children}</BoardContext>;
}

export function useBoard(): Board {
  const board = useContext(BoardContext);
  if (board === null) throw new Error('useBoard outside BoardProvider');
  return board;
}
