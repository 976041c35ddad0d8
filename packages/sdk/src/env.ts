/** The only reader of the process's environment in this package. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** A copy, so that what the application changes later does not reconfigure a running SDK half-way. */
export function environment(): Environment {
  return { ...process.env };
}
