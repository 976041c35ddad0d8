/** What can be broken on demand. One fault at a time: two would blur what each of them looks like. */
export interface Fault {
  readonly name: string;
  /** Where it is. */
  readonly service: string;
  readonly title: string;
  readonly what: string;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'payment-500',
    service: 'payment',
    title: 'payment answers 500',
    what: 'a code path forgets to give back its database connection; once the pool is empty every payment fails',
  },
  {
    name: 'slow-inventory',
    service: 'inventory',
    title: 'slow inventory',
    what: 'the index of the stock table is being rebuilt, each query scans the table and takes about 0.7 s',
  },
  {
    name: 'crash',
    service: 'ledger',
    title: 'ledger crashes',
    what: 'a background task throws where nobody catches it; the process dies and is started again, and dies again',
  },
  {
    name: 'drop-context',
    service: 'notification',
    title: 'notification drops the context',
    what: 'mails are sent by a background loop, outside the request that asked for them: the chain breaks there',
  },
  {
    name: 'mail-500',
    service: 'mail',
    title: 'mail server refuses',
    what: 'the mail server has no room left and refuses each message; the last of twelve services fails, and so do all',
  },
];

export function faultOf(name: string): Fault | undefined {
  return FAULTS.find((fault) => fault.name === name);
}
