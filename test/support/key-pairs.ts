// The committed key pairs of test/fixtures/keys: no test waits for RSA. They are public, so nothing else may trust them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from '../../emulators/keys.ts';

export type { KeyPair };

export type KeyName =
  | 'idp-signing'
  | 'idp-signing-next'
  | 'idp-encryption'
  | 'sp-signing'
  | 'sp-signing-next'
  | 'sp-decryption'
  | 'sp-decryption-earlier'
  | 'minting'
  | 'minting-next'
  | 'federation'
  | 'stranger'
  | 'fuzzing'
  | 'broker-tls'
  | 'tls-ca'
  | 'tls-localhost';

const pairs = new Map<KeyName, KeyPair>();

/** An RSA pair, valid until 2044. */
export function keyPair(name: KeyName): KeyPair {
  const known = pairs.get(name);
  if (known) return known;
  const text = readFileSync(new URL(`../fixtures/keys/${name}.pem`, import.meta.url), 'utf8');
  const [key, cert] = text.split(/(?=^-----BEGIN CERTIFICATE)/m);
  const pair = { key: key!, cert: cert! };
  pairs.set(name, pair);
  return pair;
}

/** Writes NAME.key and NAME.crt for each name, as a broker reads them: with mode 0600, which Git does not keep. */
export function writeKeyPairs(directory: string, names: Readonly<Record<string, KeyName>>): void {
  for (const [file, name] of Object.entries(names)) {
    const { key, cert } = keyPair(name);
    writeFileSync(join(directory, `${file}.key`), key, { mode: 0o600 });
    writeFileSync(join(directory, `${file}.crt`), cert);
  }
}
