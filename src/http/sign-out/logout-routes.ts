// Signing out from the portal: here first, then at the identity provider.
import { Router } from 'express';
import { requestFacts, type Services, signedInSession } from '../context.ts';
import { ensureLoginCookie, readLoginCookie } from '../middleware/cookies.ts';
import { formBody } from '../middleware/parse-form.ts';
import { continueLogoutPage, reaches, signedOutPage } from './logout-pages.ts';
import { signedOutPath } from './slo-routes.ts';

export function logoutRoutes(services: Services): Router {
  const router = Router();
  const { config, clock, pageContext } = services;
  router.post('/logout', ...formBody(config.baseUrl), async (request, response) => {
    const session = signedInSession(request, clock.now());
    const { state, commandLineGoesOn } = await services.logout.start({
      session,
      endSession: () =>
        new Promise<void>((resolve, reject) => {
          request.session.destroy((error: unknown) => (error ? reject(error as Error) : resolve()));
        }),
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
    const next = isOurs ? await services.logout.continue(browserSecret, state) : undefined;
    if (next?.url !== undefined) response.type('html').send(continueLogoutPage(pageContext(request), next));
    else response.redirect(303, signedOutPath('unasked', next?.commandLineGoesOn));
  });
  router.get('/signed-out', (request, response) => {
    const reach = reaches.find((each) => each === request.query['elsewhere']) ?? 'complete';
    response.type('html').send(signedOutPage(pageContext(request), reach, 'command_line' in request.query));
  });
  return router;
}
