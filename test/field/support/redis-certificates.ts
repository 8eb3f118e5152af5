// Certificates of Redis servers and clients, by one authority that is made once. Tests of TLS differ in the certificate alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyPairOptions, makeKeyPair } from '../../../emulators/keys.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';

export const authority = keyPair('tls-ca');
const { key: privateKey } = keyPair('tls-localhost');

/** For servers and clients, since a server is the client of its master. */
export function certificate(altNames: readonly string[], options: KeyPairOptions = {}): Promise<KeyPair> {
  return makeKeyPair('Redis', { ca: authority, isClient: true, privateKey, altNames, ...options });
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly remove: () => void;
}

export function certificateFiles({ key, cert }: KeyPair, ca = authority.cert): CertificateFiles {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-redis-tls-'));
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    ...{ cert: write('tls.crt', cert), key: write('tls.key', key), ca: write('ca.crt', ca) },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
