/** The colour of each service: the hub's choice; by its name where the hub has not said. */
import { createContext, type CSSProperties, type ReactNode, useContext, useMemo } from 'react';

/** There are twelve hues, searched to be told apart; see style/tokens.css. */
const HUE_COUNT = 12;

type Hues = Readonly<Record<string, number>>;
const HuesContext = createContext<Hues>({});

/** Adds the hues that an answer brought to those known. */
export function HuesScope({ hues, children }: { hues: Hues; children: ReactNode }): ReactNode {
  const outer = useContext(HuesContext);
  const all = useMemo(
    () => Object.assign(Object.create(null) as Record<string, number>, outer, hues),
    [outer, hues],
  );
  return <HuesContext value={all}>{children}</HuesContext>;
}

/** Service name to 0 … 11. */
export function useHue(): (service: string) => number {
  const hues = useContext(HuesContext);
  return (service) => (Object.hasOwn(hues, service) ? (hues[service] ?? 0) : hashed(service)) % HUE_COUNT;
}

export function hueColour(hue: number): string {
  return `var(--s${hue + 1})`;
}

export function hueStyle(hue: number): CSSProperties {
  return { '--hue': hueColour(hue) } as CSSProperties;
}

function hashed(name: string): number {
  let hash = 0;
  for (let i = 0; i < Math.min(name.length, 256); i++) hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
  return hash;
}
