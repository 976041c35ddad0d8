/** The twelve services, each with those it calls, in the order of the call chain of a checkout. */
export interface Service {
  readonly name: string;
  readonly calls: readonly string[];
}

export const SERVICES: readonly Service[] = [
  { name: 'gateway', calls: ['storefront'] },
  { name: 'storefront', calls: ['cart', 'pricing', 'inventory'] },
  { name: 'cart', calls: ['order'] },
  { name: 'order', calls: ['pricing'] },
  { name: 'pricing', calls: ['inventory'] },
  { name: 'inventory', calls: ['payment'] },
  { name: 'payment', calls: ['fraud'] },
  { name: 'fraud', calls: ['bank-adapter'] },
  { name: 'bank-adapter', calls: ['ledger'] },
  { name: 'ledger', calls: ['notification'] },
  { name: 'notification', calls: ['mail'] },
  { name: 'mail', calls: [] },
];
