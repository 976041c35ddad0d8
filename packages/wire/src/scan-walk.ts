/**
 * Passes over the nested messages of OTLP without making anything of them, as strict about their form as the decoders
 * are: what has been walked decodes. Only the nesting of values is reported and not refused, so that a receiver can
 * turn away the one record and keep its request.
 */
import { type ByteReader, VALUE_DEPTH_MAX } from '@aode/base';
import { readTag, skipField } from './decode-field.ts';

/** Walks a length-delimited KeyValue. Returns whether its value nests deeper than VALUE_DEPTH_MAX. */
function walkAttribute(reader: ByteReader, depth: number): boolean {
  let tooDeep = false;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x12) tooDeep = walkValue(reader, depth) || tooDeep;
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return tooDeep;
}

/** Walks a length-delimited AnyValue. What lies below the limit is not entered, only known to be within its bounds. */
export function walkValue(reader: ByteReader, depth: number): boolean {
  if (depth > VALUE_DEPTH_MAX) {
    reader.skip(reader.length());
    return true;
  }
  let tooDeep = false;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x2a || tag === 0x32) tooDeep = walkComposite(reader, tag, depth + 1) || tooDeep;
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return tooDeep;
}

/** Walks the ArrayValue or KeyValueList behind `tag`; `depth` is that of its values. */
export function walkComposite(reader: ByteReader, tag: number, depth: number): boolean {
  let tooDeep = false;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const inner = readTag(reader);
    if (inner !== 0x0a) skipField(reader, inner);
    else if (tag === 0x2a) tooDeep = walkValue(reader, depth) || tooDeep;
    else tooDeep = walkAttribute(reader, depth) || tooDeep;
  }
  reader.leave(outer);
  return tooDeep;
}

/** Walks a length-delimited message whose attributes have the tag given; its other fields are scalars. */
export function walkMessage(reader: ByteReader, attributesTag: number): boolean {
  let tooDeep = false;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === attributesTag) tooDeep = walkAttribute(reader, 1) || tooDeep;
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return tooDeep;
}
