// A role whose stronger sign-in was asked for, once, and not brought: a page, a log line and a record end what would
// otherwise lead to the identity provider again and again.
import type { Request, Response } from 'express';
import type { EligibleRole } from '../../access/model.ts';
import { refuseStepUp } from '../../broker/credentials/granted-role.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { requestFacts, type Services } from '../context.ts';
import type { RoleAction } from './resume.ts';
import { ignoredStepUpPage } from './sign-in-pages.ts';

/** Whether the sign-in was asked to be strong enough for this role, and is not. */
export function isStepUpIgnored({ steppedUpFor }: SignedInSession, { roleArn, stepUp }: EligibleRole): boolean {
  return steppedUpFor === roleArn && stepUp?.reason === 'authn_context';
}

export async function answerIgnoredStepUp(
  { audit, config, log, pageContext }: Services,
  { request, response, session }: { request: Request; response: Response; session: SignedInSession },
  { role, action }: { role: EligibleRole; action: RoleAction },
): Promise<void> {
  const { idp } = session.identity;
  const { details, message } = await refuseStepUp(session, role, audit, requestFacts(request));
  log.warn({ requestId: request.requestId, idp, ...details }, message);
  const idpLabel = config.identityProviders.find(({ id }) => id === idp)?.label ?? idp;
  response
    .status(403)
    .type('html')
    .send(ignoredStepUpPage(pageContext(request, '/'), session, { role, action, idpLabel }));
}
