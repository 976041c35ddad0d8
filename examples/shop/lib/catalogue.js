/** The products that the shop sells; prices in cents. */
import catalogue from './catalogue.json' with { type: 'json' };

export { catalogue };

const bySku = new Map(catalogue.map((product) => [product.sku, product]));

export function productOf(sku) {
  return bySku.get(sku);
}
