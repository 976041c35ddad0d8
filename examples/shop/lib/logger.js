/** The log of a service: JSON lines on standard output, as everywhere in the company. */
import { pino } from 'pino';

export function createLog(service) {
  return pino({ base: { app: service }, level: process.env.LOG_LEVEL ?? 'info' });
}
