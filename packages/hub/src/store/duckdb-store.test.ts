/** The DuckDB store fulfils the contract of every store. */
import { storeAnswers } from '../testing/store-answers.ts';
import { storeFinds } from '../testing/store-finds.ts';
import { storeHealth } from '../testing/store-health.ts';
import { storeKeeps } from '../testing/store-keeps.ts';
import { storeLasts } from '../testing/store-lasts.ts';
import { storeReplays } from '../testing/store-replays.ts';
import { storeTails } from '../testing/store-tails.ts';
import { openDuckDbStore } from './duckdb-store.ts';

const duckDb = { name: 'duckdb', open: openDuckDbStore };
storeKeeps(duckDb);
storeLasts(duckDb);
storeFinds(duckDb);
storeAnswers(duckDb);
storeTails(duckDb);
storeHealth(duckDb);
storeReplays(duckDb);
