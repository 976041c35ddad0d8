/**
 * Keep rules, compiled: asked when a trace begins in this process, at each attribute and at each route. An attribute
 * that no rule names costs one lookup, and nothing where there are no rules on attributes: bench `sampling`.
 *
 * The first rule that holds is named, those without a limit before the others: a trace that two rules want is not lost
 * because the one has used its limit up.
 */
import type { Baggage } from '@opentelemetry/api';
import type { KeepRule } from './keep-rule.ts';

/** Each answers with the name of a rule that keeps the trace. */
export interface KeepRules {
  atStart(baggage: Baggage | undefined): string | undefined;
  /** Texts, numbers and booleans are compared as text; other values only count as being there. */
  onAttribute(key: string, value: unknown): string | undefined;
  onRoute(route: string): string | undefined;
  /** False when `onAttribute` has no answer for any key. */
  readonly hasAttributes: boolean;
}

export function compileKeepRules(given: readonly KeepRule[]): KeepRules {
  const isFree = ({ limitPerSecond }: KeepRule): boolean => limitPerSecond === undefined;
  const rules = [...given.filter(isFree), ...given.filter((rule) => !isFree(rule))];
  return new CompiledRules(rules);
}

interface Condition {
  readonly name: string;
  readonly holds: (text: string | undefined) => boolean;
}

class CompiledRules implements KeepRules {
  readonly #baggage: readonly (readonly [key: string, conditions: readonly Condition[]])[];
  readonly #attributes: ReadonlyMap<string, readonly Condition[]>;
  readonly hasAttributes: boolean;
  readonly #routes: readonly Condition[];

  constructor(rules: readonly KeepRule[]) {
    this.#baggage = [...byKey(rules, ({ baggage }) => baggage)];
    this.#attributes = byKey(rules, ({ attribute }) => attribute);
    this.hasAttributes = this.#attributes.size > 0;
    this.#routes = rules.flatMap(({ name, route }) =>
      route === undefined ? [] : [{ name, holds: patternOf(route) }],
    );
  }

  atStart(baggage: Baggage | undefined): string | undefined {
    if (baggage === undefined) return undefined;
    for (const [key, conditions] of this.#baggage) {
      const entry = baggage.getEntry(key);
      const name = entry === undefined ? undefined : firstOf(conditions, entry.value);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  onAttribute(key: string, value: unknown): string | undefined {
    if (!this.hasAttributes) return undefined;
    const conditions = this.#attributes.get(key);
    return conditions === undefined ? undefined : firstOf(conditions, textOf(value));
  }

  onRoute(route: string): string | undefined {
    return this.#routes.length === 0 ? undefined : firstOf(this.#routes, route);
  }
}

function firstOf(conditions: readonly Condition[], text: string | undefined): string | undefined {
  for (const { name, holds } of conditions) if (holds(text)) return name;
  return undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function byKey(
  rules: readonly KeepRule[],
  pairsOf: (rule: KeepRule) => KeepRule['baggage'],
): ReadonlyMap<string, readonly Condition[]> {
  const found = new Map<string, Condition[]>();
  for (const rule of rules) {
    for (const [key, wanted] of Object.entries(pairsOf(rule) ?? {})) {
      const condition = { name: rule.name, holds: wanted === true ? (): boolean => true : patternOf(wanted) };
      const others = found.get(key);
      if (others === undefined) found.set(key, [condition]);
      else others.push(condition);
    }
  }
  return found;
}

/** `*` stands for any characters. Takes time in proportion to the text, whatever the pattern. */
function patternOf(pattern: string): Condition['holds'] {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === pattern;
  return (text) => {
    if (text === undefined || text.length < head.length + tail.length) return false;
    if (!text.startsWith(head) || !text.endsWith(tail)) return false;
    let at = head.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at + tail.length <= text.length;
  };
}
