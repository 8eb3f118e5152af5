// Whose certificates are trusted: Node's authorities, the system's where Node can read them, and the company's own file.
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';
import type { Machine } from './context.ts';
import { CliError } from './errors.ts';
import { readSettings } from './settings.ts';

export interface BundleSource {
  readonly file: string;
  /** What names it, for messages. */
  readonly name: string;
}

const variablesOfOthers = ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];

/** The file or folder that counts for this address: --ca-bundle, what `init` remembered, then the variables of others. */
export function bundleSource(machine: Machine, origin: string): BundleSource | undefined {
  const { env } = machine;
  const own = env['ROLEGATE_CA_BUNDLE'];
  if (own) return { file: own, name: 'ROLEGATE_CA_BUNDLE' };
  const { brokers, defaultBroker = '' } = readSettings(machine);
  const remembered = (brokers[origin] ?? brokers[defaultBroker])?.caBundle;
  if (remembered) return { file: remembered, name: 'the settings (`rolegate init --ca-bundle FILE URL` changes it)' };
  const name = variablesOfOthers.find((each) => env[each]);
  return name === undefined ? undefined : { file: env[name]!, name };
}

/** Undefined where Node's own choice is all there is. @throws CliError usage */
export function authoritiesFor(machine: Machine, origin: string): string[] | undefined {
  const source = bundleSource(machine, origin);
  const first = source === undefined ? [] : readBundle(machine, source).certificates;
  const company = [...first, ...otherBundles(machine, source).flatMap((each) => readOther(machine, each))];
  // Node 22.15 and 24 have it. Before, what Node itself ships is what it trusts.
  const { getCACertificates } = tls as Partial<typeof tls>;
  if (getCACertificates === undefined) {
    return company.length === 0 ? undefined : [...tls.rootCertificates, ...company];
  }
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...company])];
}

/** The variables of others beside the file that counts: Node would read its own, and the AWS CLI the other. */
function otherBundles({ env }: Machine, source: BundleSource | undefined): BundleSource[] {
  return variablesOfOthers.flatMap((name) => {
    const file = env[name];
    return file && file !== source?.file ? [{ file, name }] : [];
  });
}

/** Meant for other programs first, so a broken one ends no command. */
function readOther(machine: Machine, source: BundleSource): readonly string[] {
  try {
    return readBundle(machine, source).certificates;
  } catch (error) {
    machine.onIgnoredFile?.((error as Error).message);
    return [];
  }
}

export interface CertificateBundle {
  /** PEM, one each. */
  readonly certificates: readonly string[];
  /** Files, and the number of the certificate in each, that could not be read. */
  readonly broken: readonly string[];
}

/** Each certificate by itself: a broken one does not take those behind it along. @throws CliError usage, without any */
export function readBundle(machine: Machine, { file, name }: BundleSource): CertificateBundle {
  const found = bundleFiles(file).map((path) => readCertificates(path));
  const certificates = [...new Set(found.flatMap((each) => each.certificates))];
  const broken = found.flatMap((each) => each.broken);
  for (const each of broken) machine.onIgnoredFile?.(`${each} of ${name} cannot be read and does not count`);
  if (certificates.length > 0) return { certificates, broken };
  throw new CliError(
    'usage',
    `the CA file ${file} of ${name} has no certificate that can be read: it must be PEM or DER`,
  );
}

function bundleFiles(file: string): string[] {
  try {
    if (!statSync(file).isDirectory()) return [file];
    const files = readdirSync(file).map((entry) => join(file, entry));
    return files.filter((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
  } catch (cause) {
    throw new CliError('usage', `the CA file ${file} cannot be read`, { cause });
  }
}

function readCertificates(file: string): CertificateBundle {
  const bytes = read(file);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = bytes.toString(isUtf16 ? 'utf16le' : 'latin1');
  const blocks: (string | Buffer)[] = text.match(pemBlock) ?? [];
  // DER is one certificate, and begins with a SEQUENCE.
  if (blocks.length === 0 && bytes[0] === 0x30) blocks.push(bytes);
  const certificates: string[] = [];
  const broken: string[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block).toString());
    } catch {
      broken.push(`certificate ${index + 1} in ${file}`);
    }
  }
  return { certificates, broken };
}

const pemBlock = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?(?:-----END (?:TRUSTED )?CERTIFICATE-----|$)/g;

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CliError('usage', `the CA file ${file} cannot be read`, { cause });
  }
}
