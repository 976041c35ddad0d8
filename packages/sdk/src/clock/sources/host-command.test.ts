import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chrony, readTracking } from './chrony.ts';
import type { HostCommand, HostReading } from './host-command.ts';
import { ntpq, readVariables } from './ntpq.ts';
import { readTimesync, timedatectl } from './timedatectl.ts';

/** Of chrony 4.3 whose server was 800 ms ahead: its text form said "0.799839020 seconds slow of NTP time". */
const SLOW =
  '7F000001,127.0.0.1,2,1795890644.760064271,0.799839020,0.000010582,0.000022388,0.677,0.425,15.848,' +
  '0.000228879,0.000163299,1.0,Normal\n';

function near(reading: HostReading, correctionMs: number, errorMs: number): void {
  assert.ok(typeof reading === 'object', JSON.stringify(reading));
  assert.ok(Math.abs(reading.correctionMs - correctionMs) < 1e-6, String(reading.correctionMs));
  assert.ok(Math.abs(reading.errorMs - errorMs) < 1e-6, String(reading.errorMs));
}

test('chrony: what is slow is positive and has to be added', () => {
  near(readTracking(SLOW), 799.83902, 799.83902 + 0.163299 + 0.228879 / 2);
  near(readTracking(SLOW.replace('0.799839020', '-0.000012000')), -0.012, 0.012 + 0.163299 + 0.228879 / 2);
});

test('chrony: not synchronised, in the middle of a step, or something else', () => {
  assert.equal(readTracking(SLOW.replace('Normal', 'Not synchronised')), 'server_unsynchronised');
  assert.equal(readTracking(SLOW.replace(',2,', ',0,')), 'server_unsynchronised');
  assert.equal(readTracking(SLOW.replace(',2,', ',16,')), 'server_unsynchronised');
  assert.equal(readTracking(SLOW.replace('0.425', '-453011.000')), 'step');
  assert.equal(readTracking(SLOW.replace('0.425', 'wild')), 'malformed');
  assert.equal(readTracking(SLOW.replace('0.799839020', '')), 'malformed');
  assert.equal(readTracking('506 Cannot talk to daemon\n'), 'malformed');
});

const VARIABLES = 'leap=00, stratum=3, offset=-0.125,\nrootdelay=10.500, rootdisp=20.25\n';

test('ntpq: milliseconds against this host', () => {
  near(readVariables(VARIABLES), -0.125, 0.125 + 20.25 + 5.25);
  near(readVariables(VARIABLES.replace('-0.125', '+800.5')), 800.5, 800.5 + 25.5);
  assert.equal(readVariables(VARIABLES.replace('leap=00', 'leap=11')), 'server_unsynchronised');
  assert.equal(readVariables(VARIABLES.replace('stratum=3', 'stratum=16')), 'server_unsynchronised');
  assert.equal(readVariables(VARIABLES.replace('offset', 'onset')), 'malformed');
  assert.equal(readVariables('ntpq: read: Connection refused'), 'malformed');
});

const TIMESYNC = `       Server: 185.125.190.57 (ntp.ubuntu.com)
Poll interval: 34min 8s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 2
    Reference: 25CD4F9B
    Precision: 1us (-25)
Root distance: 434us (max: 5s)
       Offset: -1.234ms
        Delay: 21.7ms
       Jitter: 1.1ms
 Packet count: 5
    Frequency: +12.3ppm
`;

test('timedatectl: the last offset is no correction, all of it is uncertain, and as old as the poll interval', () => {
  near(readTimesync(TIMESYNC), 0, 1.234 + 10.85 + 0.434 + 2_048_000 * 200e-6);
  assert.equal(readTimesync(TIMESYNC.replace('normal', 'not synchronized')), 'server_unsynchronised');
  assert.equal(readTimesync('Server: n/a (ntp.ubuntu.com)\nPoll interval: 32s\n'), 'server_unsynchronised');
  assert.equal(readTimesync(TIMESYNC.replace('34min 8s (', '34 weeks (')), 'malformed');
  assert.equal(readTimesync('Failed to query server: Connection refused'), 'malformed');
});

test('no output makes a reader throw, and no number that is none comes through', () => {
  const commands: readonly HostCommand[] = [chrony, ntpq, timedatectl];
  const outputs = fc.oneof(
    fc.string({ maxLength: 300 }),
    ...[SLOW, VARIABLES, TIMESYNC].map((text) =>
      fc
        .tuple(fc.nat(text.length), fc.string({ maxLength: 5 }), fc.nat(5))
        .map(([at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut)),
    ),
  );
  fc.assert(
    fc.property(outputs, (output) => {
      for (const { read } of commands) {
        const reading = read(output);
        if (typeof reading === 'string') continue;
        assert.ok(Number.isFinite(reading.correctionMs) && reading.errorMs >= 0);
      }
    }),
    { numRuns: 2000 },
  );
});
