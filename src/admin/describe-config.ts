// `rolegate-server check`: is this configuration good? Every problem at once.
import { watchedCertificates } from '../broker/idp-metadata/certificate-watch.ts';
import type { Config } from '../config/config.ts';
import { describeCertificate } from './describe-certificate.ts';

/** What a good configuration amounts to, in a few lines. */
export function describeConfig(file: string, config: Config, now: Date): string {
  const idps = config.identityProviders.map((idp) => idp.id).join(', ');
  const fileMetadata = (id: string) => config.samlProviders.find((idp) => idp.id === id)?.metadata;
  // A file that is invalid for another reason is a problem of the configuration.
  const outOfDate = config.samlProviders.filter(({ metadataSource, metadata }) => metadataSource.file && !metadata);
  return [
    `${file}: good`,
    `  ${config.mode} at ${config.baseUrl}, store ${config.store.type}`,
    `  identity providers: ${idps}`,
    `  ${config.policy.accounts.length} accounts, ${config.policy.rules.length} rules`,
    ...outOfDate.map(({ id }) => `  WARNING: the metadata of ${id} is out of date: nobody can sign in with it`),
    ...watchedCertificates(config, fileMetadata).map((each) => `  ${describeCertificate(each, now)}`),
    ...config.warnings.map((warning) => `  relaxed in development: ${warning}`),
  ].join('\n');
}
