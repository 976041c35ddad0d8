/** A small world whose answers can be counted by hand. */
import { SPAN_KIND } from '@aode/wire';
import type { Store } from '../store/store.ts';
import { nanoOfMs, spanIdOf, spanOf, spansRequest, traceIdOf } from './records.ts';
import { NOON_MS } from './store-contract.ts';

/** Nanoseconds of a moment so many milliseconds from noon. */
export const at = (ms: number): bigint => nanoOfMs(NOON_MS + ms);

/**
 * Three traces: 1 is quick and good (shop, pay), 2 is slow and fails in pay, 3 is of pay alone and an hour old. All ids
 * are numbers; spans of trace n are n*10 + i.
 */
export async function writeWorld(store: Store): Promise<void> {
  const failed = { status: { code: 2, message: 'ECONNREFUSED while asking' } };
  const span = (trace: number, i: number, over: Partial<Parameters<typeof spanOf>[0]>) =>
    spanOf({ traceId: traceIdOf(trace), spanId: spanIdOf(trace * 10 + i), ...over });
  const child = (trace: number) => ({
    parentSpanId: spanIdOf(trace === 2 ? 25 : 10),
    kind: SPAN_KIND.server,
  });
  await store.write(
    spansRequest({ 'service.name': 'shop', 'host.name': 'h1' }, [
      span(1, 0, { name: 'GET /', startTimeUnixNano: at(0), endTimeUnixNano: at(10) }),
      span(2, 0, { name: 'GET /', startTimeUnixNano: at(1000), endTimeUnixNano: at(1900) }),
      span(2, 5, {
        name: 'call',
        kind: SPAN_KIND.client,
        parentSpanId: spanIdOf(20),
        startTimeUnixNano: at(1000),
        endTimeUnixNano: at(1850),
      }),
    ]),
  );
  await store.write(
    spansRequest({ 'service.name': 'pay', 'host.name': 'h2' }, [
      span(1, 1, { name: 'charge', ...child(1), startTimeUnixNano: at(2), endTimeUnixNano: at(8) }),
      span(2, 1, {
        name: 'charge',
        ...child(2),
        startTimeUnixNano: at(1100),
        endTimeUnixNano: at(1800),
        ...failed,
      }),
      span(3, 0, { name: 'charge', startTimeUnixNano: at(-3_000_000), endTimeUnixNano: at(-2_999_950) }),
    ]),
  );
}
