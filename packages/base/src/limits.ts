/** Limits that more than one package obeys, each with its reason. */
import { type Bytes, bytes } from './units.ts';

/** Largest OTLP request after decompression: what the OTLP specification recommends (§ OTLP/HTTP Request). */
export const REQUEST_BYTES_MAX: Bytes = bytes(64 * 1024 * 1024);

/** Deepest nesting of an attribute value that is decoded; protobuf libraries stop at 100, real data below 10. */
export const VALUE_DEPTH_MAX = 64;
