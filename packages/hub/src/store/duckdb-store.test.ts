/** The DuckDB store: the contract of every store, and what is this engine's own. */
import { storeKeeps } from '../testing/store-keeps.ts';
import { openDuckDbStore } from './duckdb-store.ts';

const duckDb = { name: 'duckdb', open: openDuckDbStore };
storeKeeps(duckDb);
