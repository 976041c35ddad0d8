/** Where a service listens, and how it ends. */

export const host = '127.0.0.1';
export const port = Number(process.env.PORT ?? 0);

/** Address of another service, from the environment: `CART_URL`, `BANK_ADAPTER_URL`. */
export function urlOf(service) {
  const name = `${service.toUpperCase().replaceAll('-', '_')}_URL`;
  const url = process.env[name];
  if (url === undefined) throw new Error(`${name} is not set`);
  return url;
}

/**
 * To be called once the service listens. `close` stops taking requests and lets the running ones finish; the process
 * then ends by itself. Asked to end by SIGTERM, or by the death of the supervisor, which closes the channel to it.
 */
export function started(log, close) {
  let ending = false;
  const end = (why) => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'shutting down');
    if (process.connected) process.disconnect();
    // A client that keeps its connection open must not keep the service alive.
    setTimeout(() => process.exit(0), 1500).unref();
    close();
  };
  process.once('SIGTERM', () => end('SIGTERM'));
  if (process.send === undefined) {
    process.once('SIGINT', () => end('SIGINT'));
    return;
  }
  // Ctrl-C reaches the whole process group; the supervisor decides in which order its services end.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => end('supervisor is gone'));
  process.send({ type: 'listening' });
}
