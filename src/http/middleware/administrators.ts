// Who may see other people's roles and refused sign-ins: members of the groups that the configuration names.
import type { Request } from 'express';
import type { Identity, StepUp } from '../../access/model.ts';
import { missingStepUp } from '../../access/resolve.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { Config } from '../../config/config.ts';
import { BrokerError } from '../../errors.ts';
import { requireSession, type Services } from '../context.ts';

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

/** For the API: as the pages, but with errors. @throws BrokerError unauthenticated, not_found or step_up_required */
export function requireAdministrator(request: Request, services: Services): SignedInSession {
  const session = requireSession(request, services.clock.now());
  if (!isAdministrator(session.identity, services.config)) throw new BrokerError('not_found', 'not an administrator');
  if (missingOfAdministrator(session, services)) {
    const details = { roleArn: administratorStepUp };
    throw new BrokerError('step_up_required', 'the sign-in is not strong or recent enough for an administrator', {
      details,
    });
  }
  return session;
}
