/** The environment, read here and nowhere else in this package. */

/** The variables of this process. */
export const systemEnv: Readonly<Record<string, string | undefined>> = process.env;
