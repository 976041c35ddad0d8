/**
 * Which span held up the answer at each moment: from the end of the root backwards, always into the child that
 * finished last before that moment (as in Jaeger's critical path, after "CRISP", USENIX ATC 2022). Children are cut
 * to their parent's time first: a clock that runs ahead must not push work off the path.
 */
import { lengthOf } from './intervals.ts';
import type { SpanNode, TraceTree } from './trace-tree.ts';

/** Fills `critical` of the longest root's tree. */
export function markCriticalPath(tree: TraceTree): void {
  const spans = tree.roots.filter((root) => root.row !== null || root.children.length > 0);
  const [first] = spans;
  if (first === undefined) return;
  const root = spans.reduce(
    (longest, each) => (each.to - each.from > longest.to - longest.from ? each : longest),
    first,
  );
  const stack: { node: SpanNode; from: number; to: number }[] = [
    { node: root, from: root.from, to: root.to },
  ];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { node, from, to } = step;
    let at = to;
    for (const child of node.children.toSorted((a, b) => b.to - a.to)) {
      const childFrom = Math.max(child.from, from);
      const childTo = Math.min(child.to, to);
      if (childTo > at || childTo <= childFrom) continue;
      if (at > childTo) node.critical.push({ from: childTo, to: at });
      stack.push({ node: child, from: childFrom, to: childTo });
      at = childFrom;
    }
    if (at > from) node.critical.push({ from, to: at });
    node.critical.reverse();
  }
}

/** Share of the path that each service holds, largest first. */
export function criticalShares(
  tree: TraceTree,
): readonly { readonly service: string; readonly share: number }[] {
  const held = new Map<string, number>();
  let whole = 0;
  for (const node of tree.nodes) {
    const length = lengthOf(node.critical);
    whole += length;
    if (length > 0 && node.row !== null) held.set(node.service, (held.get(node.service) ?? 0) + length);
  }
  return [...held]
    .map(([service, length]) => ({ service, share: length / whole }))
    .sort((a, b) => b.share - a.share);
}

/** Length of what of the span lies on the path, its children included, as a share of its own length. */
export function criticalShareOf(node: SpanNode): number {
  let length = 0;
  const stack = [node];
  for (let each = stack.pop(); each !== undefined; each = stack.pop()) {
    length += lengthOf(each.critical);
    // Not push(...children): a span may have more children than a call may have arguments.
    for (const child of each.children) stack.push(child);
  }
  return node.to > node.from ? Math.min(1, length / (node.to - node.from)) : 0;
}
