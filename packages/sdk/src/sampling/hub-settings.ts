/** Sampling settings from the hub: they override those of code and file as long as the hub names them. */
import { AodeError, type Diag, isAodeError } from '@aode/base';
import type { Sampling } from './settings.ts';

/** Takes what the hub says. The same said again changes nothing; what cannot be used is said once and ignored. */
export function createHubSampling(sampling: Sampling, diag: Diag): (settings: unknown) => void {
  let last = '{}';
  return (settings) => {
    const text = JSON.stringify(settings);
    if (text === last) return;
    last = text;
    try {
      sampling.override(settings);
    } catch (error) {
      if (!isAodeError(error)) throw error;
      const { option, value, why } = error.detail;
      diag.warn(new AodeError('AODE_OPTION_INVALID', { option: `${String(option)} of the hub`, value, why }));
    }
  };
}
