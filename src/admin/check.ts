// `rolegate-server check`: is this configuration good? Every problem at once.
import type { Config } from '../config/config.ts';

/** What a good configuration amounts to, in a few lines. */
export function describeConfig(file: string, config: Config): string {
  const idps = config.identityProviders.map((idp) => idp.id).join(', ');
  return [
    `${file}: good`,
    `  ${config.mode} at ${config.baseUrl}, store ${config.store.type}`,
    `  identity providers: ${idps}`,
    `  ${config.policy.accounts.length} accounts, ${config.policy.rules.length} rules`,
    ...config.warnings.map((warning) => `  relaxed in development: ${warning}`),
  ].join('\n');
}
