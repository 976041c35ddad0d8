/**
 * The certificates of a connection, as files: whom to trust, and who we are to a receiver that wants to know. Read anew
 * for each connection, because they expire and are replaced while processes run.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AodeError } from '@aode/base';

/** Paths; '' for none. */
export interface TlsFiles {
  /** PEM of those who may vouch for the receiver, in place of those that Node.js knows. */
  readonly certificate: string;
  /** PEM of the certificate by which the receiver knows us, with those between it and whom the receiver trusts. */
  readonly clientCertificate: string;
  /** PEM of its private key, not encrypted. */
  readonly clientKey: string;
}

export const NO_TLS_FILES: TlsFiles = Object.freeze({
  certificate: '',
  clientCertificate: '',
  clientKey: '',
});

/** As `tls.connect` takes them. */
export interface TlsMaterials {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Throws AODE_TLS_FILE_INVALID, which names the file. */
export function readTlsFiles({ certificate, clientCertificate, clientKey }: TlsFiles): TlsMaterials {
  const trust = certificate === '' ? {} : { ca: readCertificates(certificate) };
  if (clientCertificate === '' && clientKey === '') return trust;
  if (clientCertificate === '' || clientKey === '') {
    const file = clientCertificate === '' ? clientKey : clientCertificate;
    throw new AodeError('AODE_TLS_FILE_INVALID', { file, why: 'certificate and key go together' });
  }
  const cert = readCertificates(clientCertificate);
  const key = readText(clientKey);
  const parsed = attempt(clientKey, () => createPrivateKey(key));
  if (!new X509Certificate(cert).checkPrivateKey(parsed)) {
    throw new AodeError('AODE_TLS_FILE_INVALID', { file: clientKey, why: 'key of another certificate' });
  }
  return { ...trust, cert, key };
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Node.js passes over what it cannot read among the trusted, and would trust nobody without a word. */
function readCertificates(file: string): string {
  const text = readText(file);
  const all = text.match(PEM) ?? [];
  if (all.length === 0) throw new AodeError('AODE_TLS_FILE_INVALID', { file, why: 'no certificate in it' });
  for (const one of all) attempt(file, () => new X509Certificate(one));
  return text;
}

const readText = (file: string): string => attempt(file, () => readFileSync(file, 'utf8'));

function attempt<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AodeError('AODE_TLS_FILE_INVALID', { file, why }, error);
  }
}
