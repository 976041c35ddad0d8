/** `aode sampling`: what the hub says about sampling, and how to change it. */
import { AodeError, visible } from '@aode/base';
import { readKeepRules, type SamplingSettings } from '@aode/wire';
import type { SamplingDocument } from '@aode/wire/hub-api';
import { type Call, EXIT } from './command.ts';
import { hubClient } from './hub-client.ts';

type Settings = Partial<SamplingSettings>;

/** What takes a setting back. */
const NONE = 'none';

export async function sampling(call: Call): Promise<number> {
  const { shell, json } = call;
  const change = changeOf(call);
  const hub = hubClient(call.text('hub'), shell);
  const before = await hub.get<SamplingDocument>('sampling', {});
  if (before === undefined)
    throw new AodeError('AODE_HUB_UNREACHABLE', { hub: hub.url, why: 'it is no hub' });
  const wanted = change === undefined ? undefined : changed(before, change);
  const now =
    wanted === undefined ? before : ((await hub.put<SamplingDocument>('sampling', wanted)) ?? wanted);
  shell.out(json ? `${JSON.stringify(now)}\n` : samplingText(now));
  return EXIT.good;
}

interface Change {
  readonly service: string | undefined;
  readonly isCleared: boolean;
  /** undefined takes one back. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Undefined when nothing is to be changed. */
function changeOf(call: Call): Change | undefined {
  const settings: Record<string, unknown> = {};
  const probability = call.text('probability');
  if (probability !== undefined) settings['probability'] = numberOf('--probability', probability);
  const least = call.text('tracesPerSecondMin');
  if (least !== undefined) settings['tracesPerSecondMin'] = numberOf('--traces-per-second-min', least);
  const keep = call.text('keep');
  if (keep !== undefined) settings['keep'] = keep === NONE ? undefined : rulesOf(keep);
  const isCleared = call.flag('clear');
  if (!isCleared && Object.keys(settings).length === 0) return undefined;
  return { service: call.text('service'), isCleared, settings };
}

function numberOf(flag: string, text: string): number | undefined {
  if (text === NONE) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new AodeError('AODE_CLI_USAGE', { why: `${flag} takes a number or ${NONE}, not '${text}'` });
}

function rulesOf(text: string): SamplingSettings['keep'] {
  const rules = readKeepRules(text);
  if (typeof rules !== 'string') return rules;
  throw new AodeError('AODE_CLI_USAGE', { why: `--keep: ${rules}` });
}

function changed(before: SamplingDocument, { service, isCleared, settings }: Change): SamplingDocument {
  const put = (old: Settings | undefined): Settings => ({ ...(isCleared ? {} : old), ...settings });
  if (service === undefined) {
    return isCleared ? { default: put(undefined) } : { ...before, default: put(before.default) };
  }
  const services = new Map(Object.entries(before.services ?? {}));
  services.set(service, put(services.get(service)));
  return { ...before, services: Object.fromEntries(services) };
}

function samplingText({ default: all, services }: SamplingDocument): string {
  const rows: (readonly [string, Settings])[] = [
    ...(all === undefined ? [] : [['all services', all] as const]),
    ...Object.entries(services ?? {}).map(([name, one]) => [visible(name), one] as const),
  ];
  if (rows.length === 0) return 'The hub sets nothing: services sample as they were started.\n';
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, one]) => `${name.padEnd(width)}  ${settingsText(one)}\n`).join('');
}

function settingsText({ probability, tracesPerSecondMin, keep }: Settings): string {
  const parts = [
    ...(probability === undefined ? [] : [`probability ${probability}`]),
    ...(tracesPerSecondMin === undefined ? [] : [`at least ${tracesPerSecondMin} traces a second`]),
    ...(keep === undefined
      ? []
      : [`keeps ${keep.map(({ name }) => visible(name)).join(', ') || 'by no rule'}`]),
  ];
  return parts.join(' · ');
}
