// Who may look into other people's roles and refused sign-ins: members of the groups that the configuration names.
import type { Identity } from '../../access/model.ts';
import type { Config } from '../../config/config.ts';

/**
 * Groups are compared as rules compare them: exactly. Those of the first identity provider only: whoever runs another one
 * could otherwise name a group after ours.
 */
export function isAdministrator(
  { groups, idp }: Identity,
  { portal, signInSystems }: Pick<Config, 'portal' | 'signInSystems'>,
): boolean {
  return idp === signInSystems[0]?.id && portal.administrators.some((group) => groups.includes(group));
}
