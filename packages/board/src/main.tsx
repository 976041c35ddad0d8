/** Starts the board. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { BoardProvider } from './data/board.tsx';
import { showTheme } from './panels/frame.tsx';

showTheme();

const client = new QueryClient({
  defaultOptions: { queries: { refetchOnWindowFocus: true, networkMode: 'always', retryDelay: 500 } },
});

const root = document.getElementById('app');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <BoardProvider>
          <App />
        </BoardProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
