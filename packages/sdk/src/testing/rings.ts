/** A ring of lines that is written and nothing else: whoever tests it reads it, nobody is woken, nothing waits. */
import { LineRing } from '../log/line-ring.ts';
import { COUNTS } from '../pool/counts.ts';

export function quietRing(memory: ArrayBufferLike): LineRing {
  return new LineRing({
    memory,
    index: 0,
    counts: new Float64Array(COUNTS),
    overflow: 'drop',
    spillBytesMax: 0,
    onPressure: () => undefined,
    now: () => 0,
  });
}
