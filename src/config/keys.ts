// Private keys and certificates from files, with what can be wrong about them.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { weakness } from '../saml/metadata/certificate.ts';
import { decodeText } from '../text-encoding.ts';
import type { TrustedFile } from './production/replaceable-files.ts';

export interface LoadedKeyPair {
  readonly privateKey: KeyObject;
  /** PEM */
  readonly certificate: string;
  /** Where they came from, absolute. */
  readonly files: { readonly key: string; readonly cert: string };
}

/** Where to find files, and where to put complaints. */
export interface LoadContext {
  readonly directory: string;
  readonly problems: string[];
  readonly now: Date;
  /** Every file that was read and that others must not replace. */
  readonly trustedFiles: TrustedFile[];
  /** For commands that write our own metadata: the identity provider may need it before it has any. */
  readonly ignoresIdpMetadata?: boolean;
}

/** A pair for SAML, or undefined after adding to the problems. */
export function loadKeyPair(
  pair: { key: string; cert: string },
  path: string,
  context: LoadContext,
): LoadedKeyPair | undefined {
  const loaded = loadTlsKeyPair(pair, path, context);
  const problem = loaded && weakness(loaded.certificate);
  if (problem !== undefined) context.problems.push(`${path}.cert: ${problem}`);
  return loaded;
}

/** As loadKeyPair, for a key of any kind: the TLS library decides whether it is strong enough. */
export function loadTlsKeyPair(
  pair: { key: string; cert: string },
  path: string,
  context: LoadContext,
): LoadedKeyPair | undefined {
  const keyText = readText(pair.key, `${path}.key`, context);
  const certificate = readText(pair.cert, `${path}.cert`, context);
  if (keyText === undefined || certificate === undefined) return undefined;
  checkPermissions(pair.key, `${path}.key`, context);
  const privateKey = parseKey(keyText, `${path}.key`, context);
  if (!privateKey) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(privateKey))
      context.problems.push(`${path}.cert: is not the certificate of ${pair.key}`);
  } catch {
    context.problems.push(`${path}.cert: ${pair.cert} is not a PEM certificate`);
    return undefined;
  }
  const files = { key: resolve(context.directory, pair.key), cert: resolve(context.directory, pair.cert) };
  return { privateKey, certificate, files };
}

/** The text of a file, relative to the configuration's directory. @param decode throws Error that says what the octets are */
export function readText(
  file: string,
  path: string,
  { directory, problems }: LoadContext,
  decode = decodeText,
): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(directory, file));
  } catch (error) {
    problems.push(`${path}: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    return undefined;
  }
  try {
    return decode(bytes);
  } catch (error) {
    problems.push(`${path}: ${file} ${(error as Error).message}`);
    return undefined;
  }
}

/** As readText, for a file that says whom the broker believes. */
export function readTrusted(file: string, path: string, context: LoadContext, decode = decodeText): string | undefined {
  const text = readText(file, path, context, decode);
  if (text !== undefined) context.trustedFiles.push({ path, file: resolve(context.directory, file), kind: 'public' });
  return text;
}

export function parseKey(text: string, path: string, { problems }: LoadContext): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    problems.push(`${path}: is not an unencrypted PEM private key`);
    return undefined;
  }
}

// A reader of the minting key can be anyone in every role; a writer can replace it.
export function checkPermissions(file: string, path: string, { directory, problems, trustedFiles }: LoadContext): void {
  trustedFiles.push({ path, file: resolve(directory, file), kind: 'private key' });
  if (process.platform === 'win32') return;
  const mode = statSync(resolve(directory, file)).mode & 0o777;
  if ((mode & 0o027) !== 0) {
    problems.push(
      `${path}: ${file} has mode ${mode.toString(8).padStart(4, '0')}; take away what others may, and the group's writing (chmod 0600); for a mounted secret, Kubernetes has defaultMode: 0440 with fsGroup, Compose has mode and uid`,
    );
  }
}
