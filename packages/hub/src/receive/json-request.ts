/** One OTLP/JSON request as protobuf. */
import {
  decodeLogsJson,
  decodeMetricsJson,
  decodeTracesJson,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
} from '@aode/wire';
import type { Signal } from '../store/store.ts';

const DECODER = new TextDecoder();

const CONVERT: Readonly<Record<Signal, (text: string) => Uint8Array>> = {
  traces: (text) => encodeTraces(decodeTracesJson(text)),
  logs: (text) => encodeLogs(decodeLogsJson(text)),
  metrics: (text) => encodeMetrics(decodeMetricsJson(text)),
};

/** Throws AODE_OTLP_JSON_INVALID, AODE_OTLP_LIMIT. */
export function jsonToProtobuf(signal: Signal, body: Uint8Array): Uint8Array {
  return CONVERT[signal](DECODER.decode(body));
}
