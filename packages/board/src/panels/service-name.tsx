/** A service: a spine in its hue, even ones notched, and always its name. */
import type { ReactNode } from 'react';
import { hueStyle, useHue } from '../data/hues.tsx';
import { Raw, titleOf } from './raw-text.tsx';

export function Spine({ service }: { service: string }): ReactNode {
  const hue = useHue()(service);
  return <i className={hue % 2 === 0 ? 'spine' : 'spine notched'} style={hueStyle(hue)} aria-hidden="true" />;
}

export function ServiceName({ name }: { name: string }): ReactNode {
  return (
    <span className="svc">
      <Spine service={name} />
      <span className="cut" title={name.length > 24 ? titleOf(name) : undefined}>
        <Raw text={name} max={120} />
      </span>
    </span>
  );
}
