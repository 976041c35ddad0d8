/**
 * First in, first out, bounded in items and in bytes. It refuses what does not fit and says so; what to do with a
 * refusal (drop and count, answer 503, wait) is the caller's business.
 */
export interface BoundedQueue<T> {
  /** Items waiting. */
  readonly count: number;
  /** Sum of the sizes of the waiting items. */
  readonly bytes: number;
  /** Appends, or returns false and keeps nothing when either limit would be passed. */
  push(item: T, bytes: number): boolean;
  /** Takes the oldest item out, or undefined. */
  shift(): T | undefined;
}

export interface QueueLimits {
  readonly countMax: number;
  readonly bytesMax: number;
}

/** A new empty queue. An item larger than `bytesMax` never fits. */
export function boundedQueue<T>(limits: QueueLimits): BoundedQueue<T> {
  // Two arrays instead of Array.shift, which moves every element once the array is large.
  let front: { item: T; bytes: number }[] = [];
  let back: { item: T; bytes: number }[] = [];
  let count = 0;
  let bytes = 0;
  return {
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    push(item, size) {
      if (count + 1 > limits.countMax || bytes + size > limits.bytesMax) return false;
      back.push({ item, bytes: size });
      count += 1;
      bytes += size;
      return true;
    },
    shift() {
      if (front.length === 0) {
        front = back.toReversed();
        back = [];
      }
      const taken = front.pop();
      if (taken === undefined) return undefined;
      count -= 1;
      bytes -= taken.bytes;
      return taken.item;
    },
  };
}
