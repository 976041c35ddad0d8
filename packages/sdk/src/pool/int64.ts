/** Whether a number is sent as OTLP's int64: whole, within its range, and not the zero that has a sign. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -INT64_END && value < INT64_END && !Object.is(value, -0);
}

const INT64_END = 2 ** 63;
