// One line about a certificate, for `check` and `metadata refresh`.
import { daysLeft, endsSoon, type WatchedCertificate } from '../broker/idp-metadata/certificate-watch.ts';

export function describeCertificate(certificate: WatchedCertificate, now: Date): string {
  const { use, idp, subject, endsAt, fingerprint } = certificate;
  const left = daysLeft(certificate, now);
  const warning = endsSoon(certificate, now)
    ? `  WARNING: ${left < 0 ? 'has expired' : `expires in ${left} days`}`
    : '';
  const owner = idp === '' ? use : `${use} of ${idp}`;
  return `certificate ${owner}: ${subject}, until ${endsAt.toISOString().slice(0, 10)}, SHA-256 ${fingerprint}${warning}`;
}
