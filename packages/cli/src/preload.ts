/** What bin/preload.js does on a Node that is new enough. */
import { isToolScript } from './tool.ts';

/** Loads the SDK into this process, unless `script`, its entry, is a tool. */
export async function preload(script: string | undefined): Promise<void> {
  if (!isToolScript(script)) await import('@aode/sdk/register');
}
