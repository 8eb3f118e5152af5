// Who may see other people's roles and refused sign-ins: members of the groups that the configuration names.
import type { Identity, StepUp } from '../../access/model.ts';
import { missingStepUp } from '../../access/resolve.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { Config } from '../../config/config.ts';
import type { Services } from '../context.ts';

/** What a sign-in for the administrators' pages steps up for: not a role's ARN. */
export const administratorStepUp = 'administration';

/**
 * Compares groups exactly, as rules do. Only groups of the first identity provider count: the operator of another one could
 * give a group the same name.
 */
export function isAdministrator({ groups, idp }: Identity, { portal, identityProviders }: Config): boolean {
  return idp === identityProviders[0]?.id && portal.administrators.some((group) => groups.includes(group));
}

/** The requirements that an administrator's sign-in does not meet; undefined if it meets all, and for other people. */
export function missingOfAdministrator({ identity }: SignedInSession, { config, clock }: Services): StepUp | undefined {
  if (!isAdministrator(identity, config)) return undefined;
  const { authnContext, maxAuthenticationAge: maxAuthenticationAgeMs } = config.portal.administratorSignIn;
  // An OpenID provider without auth_time cannot answer a request for a new sign-in: it was no later than the token.
  const { isAuthnInstantGuessed: _, ...known } = identity;
  const isOpenid = config.oidcProviders.some(({ id }) => id === identity.idp);
  const signIn = isOpenid ? known : identity;
  return missingStepUp({ authnContext, maxAuthenticationAgeMs }, signIn, config.policy, clock.now());
}
