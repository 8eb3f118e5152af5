// Warns in the log and the metrics weeks before a certificate expires.
// Only a warning: to SAML the key counts, not the dates around it (Kantara IIP-MD12).
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import { type CertificateFacts, certificateFacts } from '../../saml/metadata/certificate.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';

export interface WatchedCertificate extends CertificateFacts {
  readonly use: 'minting' | 'sp-signing' | 'sp-encryption' | 'tls' | 'idp-signing' | 'metadata-signing';
  /** Empty for our own. */
  readonly idp: string;
}

const dayMs = 86_400_000;
const warnDays = 30;

/** Every certificate that we use or publish. */
export function watchedCertificates(
  config: Config,
  metadataOf: (idp: string) => IdpMetadata | undefined,
): WatchedCertificate[] {
  const list = (use: WatchedCertificate['use'], idp: string, certificates: readonly (string | undefined)[]) =>
    certificates.flatMap((pem) => (pem === undefined ? [] : [{ use, idp, ...certificateFacts(pem) }]));
  const { serviceProvider, aws, listen } = config;
  return [
    ...list('minting', '', [aws.signing.certificate, aws.nextSigningCertificate]),
    ...list('sp-signing', '', [serviceProvider.signing?.certificate, ...serviceProvider.nextSigning]),
    ...list(
      'sp-encryption',
      '',
      serviceProvider.encryption.map((pair) => pair.certificate),
    ),
    ...list('tls', '', [listen.tls?.cert]),
    ...config.samlProviders.flatMap(({ id, metadataSource }) => [
      ...list('idp-signing', id, metadataOf(id)?.signingCertificates ?? []),
      ...list('metadata-signing', id, metadataSource.rules.signingCertificates ?? []),
    ]),
  ];
}

/** Whole days until it ends; negative after. */
export function daysLeft({ endsAt }: CertificateFacts, now: Date): number {
  return Math.floor((endsAt.getTime() - now.getTime()) / dayMs);
}

/** Whether it is time to say so. */
export function endsSoon(certificate: CertificateFacts, now: Date): boolean {
  return daysLeft(certificate, now) < warnDays;
}

export interface CertificateWatch {
  /** Warns now and then once a day. */
  start(): void;
  stop(): void;
}

export function createCertificateWatch(
  certificates: () => readonly WatchedCertificate[],
  { clock, log }: { clock: Clock; log: Logger },
): CertificateWatch {
  const warn = (): void => {
    const now = clock.now();
    for (const certificate of certificates().filter((each) => endsSoon(each, now))) {
      const left = daysLeft(certificate, now);
      log.warn({ ...certificate, daysLeft: left }, left < 0 ? 'certificate has expired' : 'certificate expires soon');
    }
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      warn();
      timer = setInterval(warn, dayMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
