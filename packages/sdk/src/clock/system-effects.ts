/** What the clock's keeper needs of this machine. */
import { uptime } from 'node:os';
import { type Clock, type Random } from '@aode/base';
import type { ClockEffects } from './clock-keeper.ts';
import { hasCommand, runCommand } from './sources/run-command.ts';
import { SNTP_PACE } from './sources/sntp.ts';
import { openUdp } from './sources/udp.ts';

export function systemClockEffects(clock: Clock, random: Random): ClockEffects {
  return {
    clock,
    random,
    // Elsewhere it is the wall clock less the moment of the start, and says nothing that that does not.
    bootMs: () => (process.platform === 'linux' ? uptime() * 1000 : undefined),
    open: openUdp,
    run: runCommand,
    has: hasCommand,
    pace: SNTP_PACE,
  };
}
