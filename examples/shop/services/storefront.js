/** storefront: what the shop's pages talk to. Puts products together from catalogue, price and stock. */
import express from 'express';
import { call } from '../lib/call.js';
import { answerErrors } from '../lib/express-errors.js';
import { host, port, started } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';
import { catalogue, productOf } from '../lib/catalogue.js';

const log = createLog('storefront');
const HITS_MAX = 5;

const app = express();
app.use(express.json());

app.get('/products/:sku', async (req, res) => {
  const product = productOf(req.params.sku);
  if (product === undefined) {
    log.info({ sku: req.params.sku }, 'product not found');
    res.status(404).json({ error: 'product not found' });
    return;
  }
  const [price, stock] = await Promise.all([
    call('pricing', 'GET', `/prices/${product.sku}`),
    call('inventory', 'GET', `/stock/${product.sku}`),
  ]);
  log.info(
    { sku: product.sku, price: price.amount, available: stock.available },
    'product page put together',
  );
  res.json({ ...product, price: price.amount, currency: price.currency, available: stock.available });
});

app.get('/search', async (req, res) => {
  const text = String(req.query.q ?? '').toLowerCase();
  const hits = catalogue.filter((p) => p.title.toLowerCase().includes(text)).slice(0, HITS_MAX);
  const { prices } = await call('pricing', 'GET', `/prices?skus=${hits.map((p) => p.sku).join(',')}`);
  log.info({ query: text, hits: hits.length }, 'search answered');
  res.json({ hits: hits.map((p) => ({ ...p, price: prices[p.sku] })) });
});

app.post('/carts/:id/items', async (req, res) => {
  res.status(201).json(await call('cart', 'POST', `/carts/${req.params.id}/items`, { body: req.body }));
});

app.post('/carts/:id/checkout', async (req, res) => {
  log.info({ cartId: req.params.id }, 'checkout requested');
  const order = await call('cart', 'POST', `/carts/${req.params.id}/checkout`, {
    body: req.body,
    timeoutMs: 7000,
  });
  res.status(201).json(order);
});

app.use(answerErrors(log));
const server = app.listen(port, host, () => started(log, () => server.close()));
