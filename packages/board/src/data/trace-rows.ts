/**
 * The rows of the waterfall: spans and log lines in one list, in the order of time below each parent, like siblings
 * folded into one row until somebody opens it.
 */
import type { TraceGap } from '@aode/wire/hub-api';
import type { LogNode, SpanNode, TraceTree } from './trace-tree.ts';

export type TraceRow =
  | {
      readonly kind: 'span';
      readonly key: string;
      readonly depth: number;
      readonly node: SpanNode;
      readonly open: boolean;
    }
  | {
      readonly kind: 'stub';
      readonly key: string;
      readonly depth: number;
      readonly node: SpanNode;
      readonly open: boolean;
    }
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly depth: number;
      readonly nodes: readonly SpanNode[];
      readonly open: boolean;
    }
  | {
      readonly kind: 'gap';
      readonly key: string;
      readonly depth: number;
      /** Whose call has no answer here. */
      readonly node: SpanNode;
      readonly gap: TraceGap;
    }
  | {
      readonly kind: 'log';
      readonly key: string;
      readonly depth: number;
      readonly log: LogNode;
      readonly owner: SpanNode | null;
    };

/** Four like calls are still read faster than one row about them. */
const GROUP_LEAST = 5;

/** `toggled` holds keys of spans that were closed and of groups that were opened. */
export function rowsOf(tree: TraceTree, toggled: ReadonlySet<string>): readonly TraceRow[] {
  const rows: TraceRow[] = [];
  const stack: Item[] = itemsOf(null, tree.roots, tree.looseLogs, 0).reverse();
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const row = rowOf(item, toggled);
    rows.push(row);
    if (isLeaf(row) || !row.open) continue;
    if (row.kind === 'group') {
      for (const node of row.nodes.toReversed())
        stack.push({ kind: 'node', node, depth: row.depth + 1, at: node.from });
    } else {
      const { node } = row;
      // Not push(...items): a span may have more children than a call may have arguments.
      for (const below of itemsOf(node, node.children, node.logs, row.depth + 1).reverse()) stack.push(below);
    }
  }
  return rows;
}

export function hasBelow(node: SpanNode): boolean {
  return node.children.length > 0 || node.logs.length > 0 || node.lacks !== null;
}

/** A row that has nothing below it and cannot be opened. */
export function isLeaf(row: TraceRow): row is Extract<TraceRow, { kind: 'gap' | 'log' }> {
  return row.kind === 'log' || row.kind === 'gap';
}

/** Keys to toggle so that this span is seen: its closed ancestors and its folded group. */
export function keysToShow(tree: TraceTree, node: SpanNode, toggled: ReadonlySet<string>): readonly string[] {
  const keys: string[] = [];
  for (let up = node.parent; up !== null; up = up.parent)
    if (toggled.has(spanKey(up))) keys.push(spanKey(up));
  const siblings = node.parent?.children ?? tree.roots;
  const key = groupKey(node);
  if (
    isLike(node) &&
    siblings.filter((each) => isLike(each) && groupKey(each) === key).length >= GROUP_LEAST
  ) {
    if (!toggled.has(key)) keys.push(key);
  }
  return keys;
}

export function spanKey(node: SpanNode): string {
  return `s${node.index}`;
}

export function logKey(id: string): string {
  return `l${id}`;
}

type Item =
  | {
      readonly kind: 'gap';
      readonly node: SpanNode;
      readonly gap: TraceGap;
      readonly depth: number;
      readonly at: number;
    }
  | { readonly kind: 'node'; readonly node: SpanNode; readonly depth: number; readonly at: number }
  | {
      readonly kind: 'log';
      readonly log: LogNode;
      readonly owner: SpanNode | null;
      readonly depth: number;
      readonly at: number;
    }
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly nodes: SpanNode[];
      readonly depth: number;
      readonly at: number;
    };

function rowOf(item: Item, toggled: ReadonlySet<string>): TraceRow {
  const { depth } = item;
  switch (item.kind) {
    case 'log':
      return { kind: 'log', key: logKey(item.log.row.id), depth, log: item.log, owner: item.owner };
    case 'gap':
      return { kind: 'gap', key: `x${item.node.index}`, depth, node: item.node, gap: item.gap };
    case 'group':
      return { kind: 'group', key: item.key, depth, nodes: item.nodes, open: toggled.has(item.key) };
    case 'node': {
      const key = spanKey(item.node);
      const kind = item.node.row === null ? 'stub' : 'span';
      return { kind, key, depth, node: item.node, open: !toggled.has(key) };
    }
  }
}

function itemsOf(
  owner: SpanNode | null,
  nodes: readonly SpanNode[],
  logs: readonly LogNode[],
  depth: number,
): Item[] {
  const items: Item[] = [];
  for (const node of foldLike(nodes, depth)) items.push(node);
  for (const log of logs) items.push({ kind: 'log', log, owner, depth, at: log.at });
  if (owner !== null && owner.lacks !== null) {
    items.push({ kind: 'gap', node: owner, gap: owner.lacks, depth, at: owner.from });
  }
  return items.length === nodes.length ? items : items.sort((a, b) => a.at - b.at);
}

function foldLike(nodes: readonly SpanNode[], depth: number): readonly Item[] {
  const counts = new Map<string, number>();
  for (const node of nodes)
    if (isLike(node)) counts.set(groupKey(node), (counts.get(groupKey(node)) ?? 0) + 1);
  const groups = new Map<string, SpanNode[]>();
  const items: Item[] = [];
  for (const node of nodes) {
    const key = groupKey(node);
    if (!isLike(node) || (counts.get(key) ?? 0) < GROUP_LEAST) {
      items.push({ kind: 'node', node, depth, at: node.from });
      continue;
    }
    const group = groups.get(key);
    if (group !== undefined) group.push(node);
    else {
      const first = [node];
      groups.set(key, first);
      items.push({ kind: 'group', key, nodes: first, depth, at: node.from });
    }
  }
  return items;
}

/** A span that says no more than that it happened: no children, no lines, no error. */
function isLike(node: SpanNode): boolean {
  return node.row !== null && !node.failed && !hasBelow(node);
}

function groupKey(node: SpanNode): string {
  return `g${node.parent?.index ?? ''}\u0000${node.service}\u0000${node.name}`;
}
