/** The name of an NTP server as an option has it. */
import type { NtpServer } from './sources/sntp.ts';

const NTP_PORT = 123;

/** `host`, `host:port`, `address of IPv6` or `[address of IPv6]:port`; the port is 0 for what is none of these. */
export function serverOf(text: string): NtpServer {
  const match =
    /^(?<host>[a-z0-9_.-]{1,253})(?::(?<port>\d{1,5}))?$/i.exec(text) ??
    /^\[(?<host>[0-9a-f:.]{2,45})\](?::(?<port>\d{1,5}))?$/i.exec(text) ??
    /^(?<host>[0-9a-f]{0,4}:[0-9a-f:.]{1,40})$/i.exec(text);
  const { host, port } = match?.groups ?? {};
  const number = port === undefined ? NTP_PORT : Number(port);
  return { host: host ?? text, port: host !== undefined && number < 65_536 ? number : 0 };
}
