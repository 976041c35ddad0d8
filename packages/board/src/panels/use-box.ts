/** The width of a box on the page, kept up to date: charts are drawn to the pixel. */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** Zero until it is measured; draw nothing then. */
export function useBoxWidth<T extends HTMLElement>(): readonly [RefObject<T | null>, number] {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null) return undefined;
    setWidth(box.clientWidth);
    const observer = new ResizeObserver(() => setWidth(box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
