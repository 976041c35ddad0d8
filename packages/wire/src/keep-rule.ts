/**
 * What is kept whatever the baseline says, as an option: a list of rules as objects, as JSON, or as conditions in a
 * line of text. Read here, once; `rules.ts` asks them.
 *
 *   [{"name": "premium", "baggage": {"user_tier": "premium"}, "limitPerSecond": 5}]
 *   baggage.user_tier=premium;attribute.http.route=/pay/*;route=/admin/*
 *
 * In text each condition is a rule by itself, named by its text; without `=` the key need only be there. In a value `*`
 * stands for any characters. A rule of several conditions keeps when one of them holds.
 */

export interface KeepRule {
  /** Part of `aode.keep.reason`; 1 to 100 characters, unlike those of other rules. */
  readonly name: string;
  /** Values by key; true for any. */
  readonly baggage?: Readonly<Record<string, string | true>>;
  readonly attribute?: Readonly<Record<string, string | true>>;
  readonly route?: string;
  /** Traces a second that this rule may keep; those above are counted. Without it, all. */
  readonly limitPerSecond?: number;
}

/** Each rule is asked at each root and route; a hundred are far more than anybody reads. */
const RULES_MAX = 100;
const CONDITIONS_MAX = 100;
const NAME_CHARS_MAX = 100;
/** As long as a key of baggage may be in `baggageAllow`. */
const KEY_CHARS_MAX = 128;
const VALUE_CHARS_MAX = 256;
/** Beyond it the limit is none. */
const LIMIT_MAX = 1_000_000;

const FIELDS: ReadonlySet<string> = new Set(['name', 'baggage', 'attribute', 'route', 'limitPerSecond']);
const CONTROL = /\p{Cc}/u;

/** The rules, or a sentence that says why `value` is no list of them. */
export function readKeepRules(value: unknown): readonly KeepRule[] | string {
  if (typeof value === 'string') return readText(value);
  if (!Array.isArray(value)) return 'it is no list of rules';
  if (value.length > RULES_MAX) return `there are more than ${RULES_MAX} rules`;
  const rules: KeepRule[] = [];
  const names = new Set<string>();
  for (const [i, one] of value.entries()) {
    const rule = readRule(one);
    if (typeof rule === 'string') return `rule ${i + 1}: ${rule}`;
    if (names.has(rule.name)) return `rule ${i + 1}: its name is that of another`;
    names.add(rule.name);
    rules.push(rule);
  }
  return rules;
}

function readText(text: string): readonly KeepRule[] | string {
  if (!text.trimStart().startsWith('[')) {
    const conditions = text.split(';').map((one) => one.trim());
    const rules = conditions.filter((one) => one !== '').map(ruleOfCondition);
    const wrong = rules.find((one) => typeof one === 'string');
    return typeof wrong === 'string' ? wrong : readKeepRules(rules);
  }
  try {
    return readKeepRules(JSON.parse(text) as unknown);
  } catch {
    return 'it is no JSON';
  }
}

function ruleOfCondition(name: string): unknown {
  const at = name.indexOf('=');
  const subject = (at < 0 ? name : name.slice(0, at)).trim();
  const value = at < 0 ? true : name.slice(at + 1).trim();
  if (subject === 'route') return { name, route: value === true ? '*' : value };
  const dot = subject.indexOf('.');
  const field = subject.slice(0, Math.max(0, dot));
  if (field !== 'baggage' && field !== 'attribute') {
    return `${subject} is none of baggage.KEY, attribute.KEY, route`;
  }
  return { name, [field]: { [subject.slice(dot + 1)]: value } };
}

function readRule(value: unknown): KeepRule | string {
  if (!isRecord(value)) return 'it is no object';
  const unknown = Object.keys(value).find((key) => !FIELDS.has(key));
  if (unknown !== undefined) return `${unknown} is none of ${[...FIELDS].join(', ')}`;
  const { name } = value;
  if (!isText(name, NAME_CHARS_MAX)) return `name is no text of 1 to ${NAME_CHARS_MAX} characters`;
  const baggage = readPairs(value['baggage']);
  if (typeof baggage === 'string') return `baggage: ${baggage}`;
  const attribute = readPairs(value['attribute']);
  if (typeof attribute === 'string') return `attribute: ${attribute}`;
  const rest = readRest(value);
  if (typeof rest === 'string') return rest;
  if (baggage === undefined && attribute === undefined && rest.route === undefined)
    return 'it has no condition';
  return Object.freeze({
    name,
    ...(baggage === undefined ? {} : { baggage }),
    ...(attribute === undefined ? {} : { attribute }),
    ...rest,
  });
}

function readRest({ route, limitPerSecond }: Record<string, unknown>): Omit<KeepRule, 'name'> | string {
  if (route !== undefined && !isText(route, VALUE_CHARS_MAX)) {
    return `route is no text of 1 to ${VALUE_CHARS_MAX} characters`;
  }
  if (limitPerSecond !== undefined && !isLimit(limitPerSecond)) {
    return `limitPerSecond is no number above 0 and up to ${LIMIT_MAX}`;
  }
  return {
    ...(route === undefined ? {} : { route }),
    ...(limitPerSecond === undefined ? {} : { limitPerSecond }),
  };
}

function readPairs(value: unknown): Readonly<Record<string, string | true>> | string | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) return 'it is no object';
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > CONDITIONS_MAX)
    return `it has not 1 to ${CONDITIONS_MAX} keys`;
  const pairs: [string, string | true][] = [];
  for (const [key, one] of entries) {
    if (!isText(key, KEY_CHARS_MAX)) return `a key is no text of 1 to ${KEY_CHARS_MAX} characters`;
    const wanted = typeof one === 'number' ? String(one) : one;
    if (wanted !== true && !isText(wanted, VALUE_CHARS_MAX)) {
      return `the value of ${key} is neither a text of 1 to ${VALUE_CHARS_MAX} characters nor true`;
    }
    pairs.push([key, wanted]);
  }
  return Object.freeze(Object.fromEntries(pairs));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown, charsMax: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= charsMax && !CONTROL.test(value);

const isLimit = (value: unknown): value is number =>
  typeof value === 'number' && value > 0 && value <= LIMIT_MAX;
