// `rolegate-server check`: is this configuration good? Every problem at once.
import { watchedCertificates } from '../broker/idp-metadata/certificate-watch.ts';
import type { Config } from '../config/config.ts';
import { describeChange } from '../config/live/diff.ts';
import { compareConfigs } from '../config/live/load-live.ts';
import { describeCertificate } from './describe-certificate.ts';
import { describeIdpMetadata } from './describe-metadata.ts';

/** What a good configuration amounts to, in a few lines. */
export function describeConfig(file: string, config: Config, now: Date): string {
  const idps = config.identityProviders.map((idp) => idp.id).join(', ');
  const fileMetadata = (id: string) => config.samlProviders.find((idp) => idp.id === id)?.metadata;
  return [
    `${file}: good`,
    `  ${config.mode} at ${config.baseUrl}, store ${config.store.type}`,
    `  identity providers: ${idps}`,
    `  ${config.policy.accounts.length} accounts, ${config.policy.rules.length} rules`,
    ...describeOrganization(config).map((line) => `  ${line}`),
    ...config.samlProviders.flatMap((idp) => describeIdpMetadata(idp, now)).map((line) => `  ${line}`),
    ...watchedCertificates(config, fileMetadata).map((each) => `  ${describeCertificate(each, now)}`),
    ...config.warnings.map((warning) => `  relaxed in development: ${warning}`),
  ].join('\n');
}

function describeOrganization({ source: { organization } }: Config): string[] {
  if (!organization) return [];
  const { members, listedAt, problem } = organization;
  const list = `organization: ${members.length} active accounts, listed at ${listedAt.toISOString()}`;
  return problem === undefined ? [list] : [list, `organization: not listed now: ${problem}`];
}

/** What a process that has the older configuration would make of the newer one. */
export function describeChanges(older: Config, newer: Config): string {
  const { live, rest } = compareConfigs(older, newer);
  if (live.length + rest.length === 0) return 'changes: none';
  return [
    ...live.map((change) => `  changes ${describeChange(change)}`),
    ...rest.map((path) => `  needs a restart: ${path}`),
  ].join('\n');
}
