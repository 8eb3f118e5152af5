// Signatures of releases in minisign's format (https://jedisct1.github.io/minisign/#signature-format), so that `minisign -V`
// verifies them, and a company may sign with minisign itself.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Public keys of the company's releases, one or (during a rotation) two; a checkout has none until the company adds it. */
export const PUBLIC_KEY_FILE = 'deploy/release.pub';

/** The keys that a build trusts, as base64 of `Ed`, key id and key. @throws Error for a file without any */
export function readPublicKeys(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('untrusted comment:'));
  const wrong = keys.find((line) => !/^RW[A-Za-z0-9+/]{54}$/.test(line));
  if (wrong !== undefined || keys.length === 0) throw new Error(`${file} holds no public key of minisign`);
  return keys;
}

/** A new key: release.key (PEM, encrypted if there is a passphrase) and release.pub. @throws Error if one exists */
export function createReleaseKey(folder, passphrase) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const encryption = passphrase ? { cipher: 'aes-256-cbc', passphrase } : {};
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption });
  writeFileSync(join(folder, 'release.key'), pem, { flag: 'wx', mode: 0o600 });
  const text = `untrusted comment: release key of rolegate\n${encodePublicKey(publicKey)}\n`;
  writeFileSync(join(folder, 'release.pub'), text, { flag: 'wx' });
}

/** Writes FILE.minisig. @returns the public key. @throws Error for a key that is not Ed25519 or a wrong passphrase */
export function signFile(file, keyFile, passphrase, now = new Date()) {
  const privateKey = createPrivateKey({ key: readFileSync(keyFile), passphrase });
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${keyFile} is not an Ed25519 key`);
  const publicKey = createPublicKey(privateKey);
  // `ED`: the signature is over the BLAKE2b hash, as minisign signs by default.
  const signature = sign(null, createHash('blake2b512').update(readFileSync(file)).digest(), privateKey);
  const comment = `timestamp:${Math.floor(now.getTime() / 1000)}\tfile:${basename(file)}\thashed`;
  const whole = sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey);
  const packed = Buffer.concat([Buffer.from('ED'), keyId(rawKey(publicKey)), signature]).toString('base64');
  const lines = ['untrusted comment: signature of a rolegate release', packed, `trusted comment: ${comment}`];
  writeFileSync(`${file}.minisig`, `${[...lines, whole.toString('base64')].join('\n')}\n`);
  return encodePublicKey(publicKey);
}

function encodePublicKey(publicKey) {
  const raw = rawKey(publicKey);
  return Buffer.concat([Buffer.from('Ed'), keyId(raw), raw]).toString('base64');
}

function rawKey(publicKey) {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url');
}

/** minisign draws eight octets; a key in PEM has no place for them, so they follow from the key. */
function keyId(raw) {
  return createHash('sha256').update(raw).digest().subarray(0, 8);
}
