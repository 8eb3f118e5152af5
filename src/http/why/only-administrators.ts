// Lets administrators pass, after a sign-in that is strong and fresh enough. Other people do not learn that there is a page.
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import { type Services, signedInSession } from '../context.ts';
import { administratorStepUp, isAdministrator, missingOfAdministrator } from '../middleware/administrators.ts';
import { loginUrl } from '../page/return-to.ts';
import { resumePage } from '../sign-in/sign-in-pages.ts';

/** For pages; the API has `requireAdministrator`. */
export function onlyAdministrators(services: Services): RequestHandler {
  const { config, clock } = services;
  return (request, response, next) => {
    const session = signedInSession(request, clock.now());
    if (!session) response.redirect(303, loginUrl(request.originalUrl));
    else if (!isAdministrator(session.identity, config)) next(new BrokerError('not_found', 'not an administrator'));
    else stepUpFirst(services, session, { request, response, next });
  };
}

function stepUpFirst(
  services: Services,
  session: SignedInSession,
  { request, response, next }: { request: Request; response: Response; next: NextFunction },
): void {
  const missing = missingOfAdministrator(session, services);
  if (!missing) {
    next();
    return;
  }
  // Once: an identity provider that did not bring the context is not asked again.
  if (missing.reason === 'authn_context' && session.steppedUpFor === administratorStepUp) {
    next(new BrokerError('step_up_required', 'the sign-in is not strong enough for an administrator'));
    return;
  }
  const returnTo = request.method === 'GET' ? request.originalUrl : request.path;
  const login = `/login?${new URLSearchParams({ step_up: administratorStepUp, return_to: returnTo })}`;
  if (request.method === 'GET') response.redirect(303, login);
  // A page and no redirect: form-action would hold the way to the identity provider to our list.
  else
    response
      .status(401)
      .type('html')
      .send(resumePage(services.pageContext(request, '/'), login));
}
