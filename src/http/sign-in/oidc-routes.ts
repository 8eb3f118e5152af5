// Where an OpenID provider sends the browser back to.
import { Router } from 'express';
import { BrokerError } from '../../errors.ts';
import type { Services } from '../context.ts';
import { readSessionCookie } from '../middleware/cookies.ts';
import { answerRequest } from './answer-request.ts';

export function oidcRoutes(services: Services): Router {
  const router = Router();
  router.get('/openid/callback/:idp', async (request, response) => {
    // A code is good once: what a browser or a scanner of links reads ahead must not use it up.
    const purpose = request.get('sec-purpose') ?? request.get('purpose') ?? request.get('x-moz') ?? '';
    if (request.method === 'HEAD' || /^(?:prefetch|prerender|preview)/i.test(purpose))
      return response.status(503).end();
    const answered = services.oidcSignIn.complete({
      idp: request.params.idp,
      url: new URL(request.originalUrl, services.config.baseUrl),
      ...answerRequest(request, response, services),
    });
    try {
      return response.redirect(303, services.returnCookies.take(request, response, await answered));
    } catch (error) {
      // The same answer again, by a second click or the back button, in the browser that it has signed in.
      const isRepeated = error instanceof BrokerError && ['correlation', 'replay'].includes(error.reason ?? '');
      const session = readSessionCookie(request, services.config);
      const { sessions } = services;
      if (!isRepeated || session === undefined || !(await sessions.read(session))) throw error;
      return response.redirect(303, '/');
    }
  });
  return router;
}
