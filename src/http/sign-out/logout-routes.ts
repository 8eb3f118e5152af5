// Signing out from the portal: here first, then at the identity provider.
import { type Request, Router, urlencoded } from 'express';
import { continueLogout, logout } from '../../broker/logout/logout.ts';
import { requestFacts, type Services, signedInSession } from '../context.ts';
import { ensureLoginCookie, readLoginCookie } from '../middleware/cookies.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { continueLogoutPage, reaches, signedOutPage } from './logout-pages.ts';
import { signedOutPath } from './slo-routes.ts';

export function logoutRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { config, clock } = services;
  const form = urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 });
  router.post('/logout', sameOrigin(config.baseUrl), form, async (request, response) => {
    const session = signedInSession(request, clock.now());
    const { state, commandLineGoesOn } = await logout(services.logout, {
      session,
      endSession: async () => {
        await destroy(request);
        if (session) await services.completeLogin.idpResponses?.end(session);
      },
      endsGrants: request.body?.command_line === 'end',
      browserSecret: ensureLoginCookie(request, response, config, services.random),
      request: requestFacts(request),
    });
    const end = signedOutPath('unasked', commandLineGoesOn);
    response.redirect(303, state === undefined ? end : `/logout/continue?state=${state}`);
  });
  router.get('/logout/continue', async (request, response) => {
    const state = request.query['state'];
    const browserSecret = readLoginCookie(request, config);
    const isOurs = typeof state === 'string' && browserSecret !== undefined;
    const next = isOurs ? await continueLogout(services.logout, { browserSecret, state }) : undefined;
    if (next) response.type('html').send(continueLogoutPage(frameOf(request), next));
    else response.redirect(303, signedOutPath('unasked'));
  });
  router.get('/signed-out', (request, response) => {
    const reach = reaches.find((each) => each === request.query['elsewhere']) ?? 'complete';
    response.type('html').send(signedOutPage(frameOf(request), reach, 'command_line' in request.query));
  });
  return router;
}

function destroy(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.destroy((error: unknown) => (error ? reject(error as Error) : resolve()));
  });
}
