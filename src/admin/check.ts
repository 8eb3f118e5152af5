// `rolegate-server check`: is this configuration good? Every problem at once.
import { watchedCertificates } from '../broker/idp-metadata/certificate-watch.ts';
import type { Config } from '../config/config.ts';
import { describeCertificate } from './describe-certificate.ts';

/** What a good configuration amounts to, in a few lines. */
export function describeConfig(file: string, config: Config, now: Date): string {
  const idps = config.signInSystems.map((idp) => idp.id).join(', ');
  const fileMetadata = (id: string) => config.identityProviders.find((idp) => idp.id === id)?.metadata;
  return [
    `${file}: good`,
    `  ${config.mode} at ${config.baseUrl}, store ${config.store.type}`,
    `  identity providers: ${idps}`,
    `  ${config.policy.accounts.length} accounts, ${config.policy.rules.length} rules`,
    ...config.identityProviders.flatMap(outOfDate),
    ...watchedCertificates(config, fileMetadata).map((each) => `  ${describeCertificate(each, now)}`),
    ...config.warnings.map((warning) => `  relaxed in development: ${warning}`),
  ].join('\n');
}

// A file that is bad in any other way is a problem of the configuration.
function outOfDate({ id, metadata, metadataSource }: Config['identityProviders'][number]): string[] {
  const isOutOfDate = metadataSource.file !== undefined && metadata === undefined;
  return isOutOfDate ? [`  WARNING: the metadata of ${id} is out of date: nobody can sign in with it`] : [];
}
