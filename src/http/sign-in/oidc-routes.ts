// Where an OpenID provider sends the browser back to.
import { Router } from 'express';
import { requestFacts, type Services } from '../context.ts';
import { readLoginCookie } from '../middleware/cookies.ts';
import { sessionOpener } from './open-session.ts';

export function oidcRoutes(services: Services): Router {
  const router = Router();
  router.get('/openid/callback/:idp', async (request, response) => {
    const remembered = await services.oidcSignIn.complete({
      idp: request.params.idp,
      url: new URL(request.originalUrl, services.config.baseUrl),
      browserSecret: readLoginCookie(request, services.config) ?? '',
      request: requestFacts(request),
      openSession: sessionOpener(request, services),
    });
    response.redirect(303, services.returnCookies.take(request, response, remembered));
  });
  return router;
}
