// `rolegate-server keys status`, `keys rotate` and `keys retire`: replacing a signing key while both sides agree at all times. The state of
// a rotation is in the files and in the configuration, so the command can be run again at any point.
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { daysLeft } from '../broker/idp-metadata/certificate-watch.ts';
import type { Config } from '../config/config.ts';
import { type KeyFiles, writeKeyPair } from '../config/make-keys.ts';
import { certificateFacts } from '../saml/metadata/certificate.ts';
import type { MintingCertificates } from './account-trust.ts';

export type RotatedKey = 'aws' | 'sp';

interface Rotation {
  readonly current: { readonly certificate: string; readonly files: KeyFiles };
  readonly next: KeyFiles;
  /** PEM certificates that the configuration publishes beside the current one. */
  readonly published: readonly string[];
  /** What the configuration has to say so that the next certificate is published. */
  readonly setting: string;
  /** Whom the change concerns, and how they learn of it. */
  readonly tell: string;
}

/** One line for each pair, and one for a replacement that has been begun. */
export function describeKeys(config: Config, now: Date): string {
  const { signing, encryption } = config.serviceProvider;
  const pairs = [
    ['aws', config.aws.signing] as const,
    ...(signing ? [['sp', signing] as const] : []),
    ...encryption.map((pair) => ['sp-encryption', pair] as const),
  ];
  const lines = pairs.map(([name, { certificate, files }]) => {
    const facts = certificateFacts(certificate);
    const until = `until ${facts.endsAt.toISOString().slice(0, 10)}, ${daysLeft(facts, now)} days left`;
    return `${name}: ${facts.subject}, ${until}, SHA-256 ${facts.fingerprint}, ${files.key ?? 'in AWS KMS'}`;
  });
  const begun = (['aws', ...(signing ? ['sp' as const] : [])] as const).flatMap((which) => {
    const rotation = isInKms(config, which) ? undefined : rotationOf(config, which);
    return rotation && existsSync(rotation.next.cert) ? [`${which} rotation: ${stageOf(rotation)}`] : [];
  });
  return [...lines, ...begun].join('\n');
}

export interface RotationStep {
  readonly text: string;
  /** The step would lock accounts out, or cannot be taken yet. */
  readonly isRefused?: boolean;
  /** Undefined where nothing was changed. */
  readonly done?: { readonly step: 'made' | 'swapped' | 'retired'; readonly certificate: string };
}

/**
 * Does the step that is due: makes the next pair, or puts it in the place of the current one once its certificate is
 * published. @returns what was done and what comes next
 * @throws Error if there is no such key, it is in AWS KMS, or a file cannot be written
 */
export async function rotateKey(
  config: Config,
  which: RotatedKey,
  now: Date,
  lockedOut: LockedOut = nobodyAsked,
): Promise<RotationStep> {
  const rotation = rotationOf(config, which);
  const { current, next, setting, tell } = rotation;
  if (!existsSync(next.cert)) {
    const commonName = /^CN=(.*)$/m.exec(new X509Certificate(current.certificate).subject)?.[1] ?? 'Rolegate';
    await writeKeyPair(next, commonName, now);
    const text = `Made ${next.key} and ${next.cert}.\n${publish(setting, tell)}`;
    return { text, done: { step: 'made', certificate: fingerprintIn(next.cert) } };
  }
  switch (stageOf(rotation)) {
    case 'made':
      return { text: `${next.cert} is made, but not published yet.\n${publish(setting, tell)}` };
    case 'published': {
      const accounts = await lockedOut(readFileSync(next.cert, 'utf8'));
      if (accounts.length > 0) return refused('use the next key', accounts);
      // A broker that starts between these steps finds a key that does not fit its certificate, says so, and is started again.
      for (const kind of ['key', 'cert'] as const) {
        const aside = `${current.files[kind]}.aside`;
        renameSync(current.files[kind], aside);
        renameSync(next[kind], current.files[kind]);
        renameSync(aside, next[kind]);
      }
      return {
        done: { step: 'swapped', certificate: fingerprintIn(current.files.cert) },
        text: [
          `${current.files.key} is the new key; the old pair is in ${next.key} and ${next.cert}.`,
          'Restart the brokers one after the other: both keys are published, and either may sign.',
          `When all have restarted: take out ${setting.split(':')[0]}, restart, ${tell}, and run \`keys retire ${which}\`.`,
        ].join('\n'),
      };
    }
    case 'swapped':
      return {
        text: [
          `The new key is in use; the old pair is still in ${next.key} and ${next.cert}.`,
          `Take out ${setting.split(':')[0]}, restart, ${tell}, and run \`keys retire ${which}\`.`,
        ].join('\n'),
      };
  }
}

/**
 * Deletes the old pair, once nothing publishes it and every account trusts the new one.
 * @throws Error as rotateKey
 */
export async function retireKey(
  config: Config,
  which: RotatedKey,
  lockedOut: LockedOut = nobodyAsked,
): Promise<RotationStep> {
  const { current, next, published, setting, tell } = rotationOf(config, which);
  if (!existsSync(next.cert)) return { text: `There is no old pair at ${next.cert}.`, isRefused: true };
  const waiting = new X509Certificate(readFileSync(next.cert, 'utf8'));
  if (!isOlder(waiting, current.certificate)) {
    return {
      text: `${next.cert} is the next certificate, not an old one: \`keys rotate ${which}\` goes on.`,
      isRefused: true,
    };
  }
  if (isPublished(waiting, published)) {
    const text = `The old certificate is still published: take out ${setting.split(':')[0]}, restart, and ${tell}.`;
    return { text, isRefused: true };
  }
  const accounts = await lockedOut(current.certificate);
  if (accounts.length > 0) return refused('delete the old key', accounts);
  for (const file of [next.key, next.cert]) rmSync(file, { force: true });
  const { fingerprint } = certificateFacts(waiting.toString());
  return { text: `Deleted ${next.key} and ${next.cert}.`, done: { step: 'retired', certificate: fingerprint } };
}

/** Accounts that do not trust this certificate (PEM). */
type LockedOut = (certificate: string) => Promise<readonly string[]>;

const nobodyAsked: LockedOut = () => Promise.resolve([]);

function refused(what: string, accounts: readonly string[]): RotationStep {
  const text = [
    `Not done: to ${what} now would lock users out of ${accounts.length === 1 ? 'an account' : `${accounts.length} accounts`}.`,
    ...accounts.map((each) => `  ${each}`),
    'Upload the metadata of `rolegate-server metadata aws` there and run this command again, or use --force.',
  ];
  return { text: text.join('\n'), isRefused: true };
}

/** For a look at the accounts. */
export function mintingCertificates(config: Config): MintingCertificates {
  const { certificate: current, files } = config.aws.signing;
  const file = files.key === undefined ? undefined : nextTo(files.cert);
  const waiting =
    file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : config.aws.nextSigningCertificate;
  return { current, waiting, isWaitingOlder: waiting !== undefined && isOlder(new X509Certificate(waiting), current) };
}

function isInKms({ aws, serviceProvider }: Config, which: RotatedKey): boolean {
  return (which === 'aws' ? aws.signing : serviceProvider.signing)?.files.key === undefined;
}

function fingerprintIn(file: string): string {
  return certificateFacts(readFileSync(file, 'utf8')).fingerprint;
}

function rotationOf(config: Config, which: RotatedKey): Rotation {
  const { aws, serviceProvider } = config;
  const signing = which === 'aws' ? aws.signing : serviceProvider.signing;
  if (!signing) throw new Error('the configuration has no serviceProvider.signing');
  const { certificate, files } = signing;
  if (files.key === undefined) {
    throw new Error('this key is in AWS KMS: make the next one there, as docs/operations.md says under AWS KMS');
  }
  const current = { certificate, files: { key: files.key, cert: files.cert } };
  const next = { key: nextTo(files.key), cert: nextTo(files.cert) };
  if (which === 'sp') {
    return {
      current,
      next,
      published: serviceProvider.nextSigning,
      setting: `serviceProvider.nextSigning: [{ cert: ${next.cert} }]`,
      tell: 'give every identity provider the metadata of `rolegate-server metadata sp` (Keycloak keeps one certificate: see docs/identity-providers/keycloak.md)',
    };
  }
  return {
    current,
    next,
    published: aws.nextSigningCertificate === undefined ? [] : [aws.nextSigningCertificate],
    setting: `aws.nextSigning: ${next.cert}`,
    tell: 'give IAM in every account the metadata of `rolegate-server metadata aws`',
  };
}

/** After the exchange the pair that waits is the older one. */
function stageOf({ current, next, published }: Rotation): 'made' | 'published' | 'swapped' {
  const waiting = new X509Certificate(readFileSync(next.cert, 'utf8'));
  if (isOlder(waiting, current.certificate)) return 'swapped';
  return isPublished(waiting, published) ? 'published' : 'made';
}

function isOlder(waiting: X509Certificate, current: string): boolean {
  return Date.parse(waiting.validFrom) < Date.parse(new X509Certificate(current).validFrom);
}

function isPublished(waiting: X509Certificate, published: readonly string[]): boolean {
  return published.some((pem) => new X509Certificate(pem).fingerprint256 === waiting.fingerprint256);
}

function publish(setting: string, tell: string): string {
  return [`Next: set ${setting}, restart, and ${tell}.`, 'Then run this command again.'].join('\n');
}

/** certs/aws.key → certs/aws.next.key */
function nextTo(file: string): string {
  return file.replace(/(\.[^./\\]*)?$/, (extension) => `.next${extension}`);
}
