// Signing in.
import { type Request, Router } from 'express';
import type { StepUpTarget } from '../../broker/sign-in/pending-sign-in.ts';
import { type Services, signedInSession } from '../context.ts';
import { administratorStepUp, missingOfAdministrator } from '../middleware/administrators.ts';
import { ensureLoginCookie, readChosenIdp, readLoginCookie, rememberIdp } from '../middleware/cookies.ts';
import { letFormsLeave } from '../middleware/security-headers.ts';
import { localPath, loginUrl } from '../page/return-to.ts';
import { rolesOf } from '../portal/session-roles.ts';
import { chooserPage, framedPage, postRequestPage } from './sign-in-pages.ts';

export function signInRoutes(services: Services): Router {
  const router = Router();
  const { config, clock, pageContext } = services;
  router.get('/login', async (request, response) => {
    // Signing in never begins inside a frame: identity providers refuse to be framed, and the person cannot see whose page
    // it is. Fetch Metadata: browsers say what a document is for, and scripts cannot change it.
    if (['iframe', 'frame', 'embed', 'object'].includes(request.get('sec-fetch-dest') ?? '')) {
      response
        .status(401)
        .type('html')
        .send(framedPage(pageContext(request, '/'), request.originalUrl));
      return undefined;
    }
    const returnTo = localPath(request.query['return_to'], config.baseUrl);
    const current = signedInSession(request, clock.now());
    const named = request.query['idp'];
    const [first, ...others] = config.identityProviders;
    const only = others.length === 0 ? first?.id : undefined;
    const idp = typeof named === 'string' ? named : (only ?? current?.identity.idp);
    if (idp === undefined) {
      const path = loginUrl(returnTo);
      const choice = { idps: config.identityProviders, last: readChosenIdp(request, config), returnTo };
      response.type('html').send(chooserPage(pageContext(request, path), choice));
      return undefined;
    }
    if (config.identityProviders.length > 1) rememberIdp(response, idp, config);
    const { oidcSignIn, signIn } = services;
    const asked = {
      ...{ idp, returnTo: services.returnCookies.remember(request, response, returnTo) },
      browserSecret: ensureLoginCookie(request, response, config, services.random),
      isNewBrowser: readLoginCookie(request, config) === undefined,
      current: current && { session: current, handle: services.sessions.handleOf(request.sessionID) },
      stepUp: stepUpTarget(request, services),
      forceAuthn: request.query['fresh'] === 'yes',
    };
    const step = oidcSignIn.has(idp) ? { url: await oidcSignIn.start(asked) } : await signIn.start(asked);
    if ('url' in step) return response.redirect(303, step.url);
    letFormsLeave(response, step.form.action);
    const { label } = config.identityProviders.find(({ id }) => id === idp)!;
    return response.type('html').send(postRequestPage(pageContext(request, '/'), label, step.form));
  });
  return router;
}

function stepUpTarget(request: Request, services: Services): StepUpTarget | undefined {
  const session = signedInSession(request, services.clock.now());
  const name = request.query['step_up'];
  if (!session || typeof name !== 'string') return undefined;
  const missing =
    name === administratorStepUp
      ? missingOfAdministrator(session, services)
      : rolesOf(request, session, services).find(({ roleArn }) => roleArn === name)?.stepUp;
  return missing && { name, contexts: missing.contexts };
}
