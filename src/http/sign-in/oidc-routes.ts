// Where an OpenID provider sends the browser back to.
import { Router } from 'express';
import type { Services } from '../context.ts';
import { answerRequest } from './answer-request.ts';

export function oidcRoutes(services: Services): Router {
  const router = Router();
  router.get('/openid/callback/:idp', async (request, response) => {
    const remembered = await services.oidcSignIn.complete({
      idp: request.params.idp,
      url: new URL(request.originalUrl, services.config.baseUrl),
      ...answerRequest(request, response, services.config),
    });
    response.redirect(303, services.returnCookies.take(request, response, remembered));
  });
  return router;
}
