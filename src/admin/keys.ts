// `rolegate-server keys status` and `keys rotate`: replacing a signing key while both sides agree at all times. The state of
// a rotation is in the files and in the configuration, so the command can be run again at any point.
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { daysLeft } from '../broker/idp-metadata/certificate-watch.ts';
import type { Config } from '../config/config.ts';
import { type KeyFiles, writeKeyPair } from '../config/make-keys.ts';
import { certificateFacts } from '../saml/metadata/certificate.ts';

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
    return `${name}: ${facts.subject}, ${daysLeft(facts, now)} days left, SHA-256 ${facts.fingerprint}, ${files.key ?? 'in AWS KMS'}`;
  });
  const begun = (['aws', ...(signing ? ['sp' as const] : [])] as const).flatMap((which) => {
    const rotation = isInKms(config, which) ? undefined : rotationOf(config, which);
    return rotation && existsSync(rotation.next.cert) ? [`${which} rotation: ${stageOf(rotation)}`] : [];
  });
  return [...lines, ...begun].join('\n');
}

export interface RotationStep {
  readonly text: string;
  /** Undefined where nothing was changed. */
  readonly done?: { readonly step: 'made' | 'swapped'; readonly certificate: string };
}

/**
 * Does the step that is due: makes the next pair, or puts it in the place of the current one once its certificate is
 * published. @returns what was done and what comes next
 * @throws Error if there is no such key, it is in AWS KMS, or a file cannot be written
 */
export async function rotateKey(config: Config, which: RotatedKey, now: Date): Promise<RotationStep> {
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
    case 'published':
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
          `When all have restarted: take out ${setting.split(':')[0]}, restart, ${tell}, and delete the old pair.`,
        ].join('\n'),
      };
    case 'swapped':
      return {
        text: [
          `The new key is in use; the old pair is still in ${next.key} and ${next.cert}.`,
          `Take out ${setting.split(':')[0]}, restart, ${tell}, and delete the old pair.`,
        ].join('\n'),
      };
  }
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
  const isOlder = Date.parse(waiting.validFrom) < Date.parse(new X509Certificate(current.certificate).validFrom);
  if (isOlder) return 'swapped';
  const isPublished = published.some((pem) => new X509Certificate(pem).fingerprint256 === waiting.fingerprint256);
  return isPublished ? 'published' : 'made';
}

function publish(setting: string, tell: string): string {
  return [`Next: set ${setting}, restart, and ${tell}.`, 'Then run this command again.'].join('\n');
}

/** certs/aws.key → certs/aws.next.key */
function nextTo(file: string): string {
  return file.replace(/(\.[^./\\]*)?$/, (extension) => `.next${extension}`);
}
