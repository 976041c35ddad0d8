/**
 * What was asked of a span: who asked, and as part of what. A callee that does something else because something else is
 * asked of it is innocent, so outcomes are compared only where the asker did the same.
 */
import type { Node } from './trace-forest.ts';

/**
 * For the spans of one trace: the nearest span of another service above, with its own shape, as text; '' where there is
 * none. Answers are kept, because a thousand spans may have one asker, and the way up to it may be long.
 */
export function createAsked(): (node: Node) => string {
  const askers = new Map<Node, Node | undefined>();
  const texts = new Map<Node, string>();
  return (node) => {
    const asker = askerOf(node, askers);
    if (asker === undefined) return '';
    let text = texts.get(asker);
    if (text === undefined) texts.set(asker, (text = describe(asker)));
    return text;
  };
}

function askerOf(node: Node, known: Map<Node, Node | undefined>): Node | undefined {
  const { service } = node.span;
  const way: Node[] = [];
  let at: Node | undefined = node;
  while (at !== undefined && at.span.service === service && !known.has(at)) {
    way.push(at);
    at = at.parent;
  }
  const asker = at?.span.service === service ? known.get(at) : at;
  for (const one of way) known.set(one, asker);
  return asker;
}

function describe(asker: Node): string {
  const { parent, children } = asker;
  const { service } = asker.span;
  // Past the client span, whose only child is the answer, to the span that decided to call.
  const onlyCalls = children.every((child) => child.span.service !== service);
  const decided = onlyCalls && parent?.span.service === service ? parent : asker;
  return `${service}/${decided.span.name}/${decided.shape}`;
}
