/** What the clock's keeper needs of this machine. */
import { uptime } from 'node:os';
import { type Clock, type Random } from '@aode/base';
import type { ClockEffects } from './clock-keeper.ts';
import { hasCommand, runCommand } from './sources/run-command.ts';
import { SNTP_PACE } from './sources/sntp.ts';
import { openUdp } from './sources/udp.ts';

/** Elsewhere than on Linux it is the wall clock less the moment of the start, and says nothing that that does not. */
function bootMs(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return uptime() * 1000;
  } catch {
    return undefined; // /proc is not there, and the system call is not allowed.
  }
}

export function systemClockEffects(clock: Clock, random: Random): ClockEffects {
  return {
    clock,
    random,
    bootMs,
    open: openUdp,
    run: runCommand,
    has: hasCommand,
    pace: SNTP_PACE,
  };
}
