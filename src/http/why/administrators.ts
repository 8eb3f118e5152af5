// Who may see other people's roles and refused sign-ins: members of the groups that the configuration names.
import type { Identity } from '../../access/model.ts';
import type { Config } from '../../config/config.ts';

/**
 * Compares groups exactly, as rules do. Only groups of the first identity provider count: the operator of another one could
 * give a group the same name.
 */
export function isAdministrator({ groups, idp }: Identity, { portal, identityProviders }: Config): boolean {
  return idp === identityProviders[0]?.id && portal.administrators.some((group) => groups.includes(group));
}
