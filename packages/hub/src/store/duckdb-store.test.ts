/** The DuckDB store fulfils the contract of every store. */
import { storeAnswers } from '../testing/store-answers.ts';
import { storeKeeps } from '../testing/store-keeps.ts';
import { openDuckDbStore } from './duckdb-store.ts';

const duckDb = { name: 'duckdb', open: openDuckDbStore };
storeKeeps(duckDb);
storeAnswers(duckDb);
