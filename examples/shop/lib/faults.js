/** Faults that are switched on in this process. Whoever started it tells it which, so that they outlive a restart. */
const active = new Set();

process.on('message', (message) => {
  if (message?.type !== 'faults') return;
  active.clear();
  for (const name of message.active) active.add(name);
});

export function faultIsOn(name) {
  return active.has(name);
}
