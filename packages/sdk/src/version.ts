/** The version in package.json, which a bundle does not have beside it. */
export const SDK_VERSION = '0.1.0';
