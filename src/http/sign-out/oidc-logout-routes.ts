// Logout with OpenID providers: what they post when a person signs out elsewhere, and where they send browsers back to.
import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import { BrokerError } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { readLoginCookie } from '../middleware/cookies.ts';
import { giveBackCost } from '../middleware/rate-limit.ts';
import { samlForm } from '../middleware/saml-form.ts';
import { signedOutPath } from './slo-routes.ts';

/** A logout token is below 2 KB. */
const maxFormBytes = 32 * 1024;

export function oidcLogoutRoutes(services: Services): Router {
  const router = Router();
  const { config, log, oidcLogout } = services;
  // Back-Channel Logout §2.8: 200, or 400 with an error as in OAuth.
  const refuse: ErrorRequestHandler = (error, request, response, next) => {
    const { status } = error as { status?: unknown };
    const isRefused = error instanceof BrokerError ? error.code === 'logout_refused' : typeof status === 'number';
    if (!isRefused) return next(error);
    const { reason, details, message } = error as BrokerError;
    log.warn({ requestId: request.requestId, code: 'logout_refused', reason, ...details }, message);
    return response.status(400).json({ error: 'invalid_request' });
  };
  router.post(
    '/openid/backchannel-logout/:idp',
    samlForm(maxFormBytes),
    async (request: Request, response: Response) => {
      const { logout_token } = (request.body ?? {}) as Record<string, unknown>;
      await oidcLogout.receive(String(request.params['idp']), logout_token, requestFacts(request));
      giveBackCost(response);
      response.status(200).end();
    },
    refuse,
  );
  router.get('/openid/signed-out/:idp', async (request, response) => {
    const state = request.query['state'];
    const browserSecret = readLoginCookie(request, config);
    const isOurs = typeof state === 'string' && browserSecret !== undefined;
    const end = isOurs ? await oidcLogout.finish(browserSecret, state, requestFacts(request)) : undefined;
    response.redirect(303, signedOutPath(end ? 'complete' : 'unasked', end?.commandLineGoesOn ?? false));
  });
  return router;
}
