// Signing in.
import { type Request, Router } from 'express';
import { resolveRoles } from '../../access/resolve.ts';
import { startOpenidLogin } from '../../broker/sign-in/oidc-sign-in.ts';
import { startLogin } from '../../broker/sign-in/start-sign-in.ts';
import { type Services, signedInSession } from '../context.ts';
import { ensureLoginCookie, readChosenIdp, rememberIdp } from '../middleware/cookies.ts';
import type { FrameOf } from '../page/page-context.ts';
import { localPath } from './return-to.ts';
import { chooserPage } from './sign-in-pages.ts';

export function loginRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { config, clock } = services;
  router.get('/login', async (request, response) => {
    const returnTo = localPath(request.query['return_to'], config.baseUrl);
    const current = signedInSession(request, clock.now());
    const idp = chosenIdp(request, services) ?? current?.identity.idp;
    if (idp === undefined) {
      const path = `/login?${new URLSearchParams({ return_to: returnTo })}`;
      const choice = { idps: config.signInSystems, last: readChosenIdp(request, config), returnTo };
      response.type('html').send(chooserPage({ ...frameOf(request), path }, choice));
      return;
    }
    if (config.signInSystems.length > 1) rememberIdp(response, idp, config);
    const isOpenid = services.openidLogin.providers.has(idp);
    const wish = {
      idp,
      returnTo,
      browserSecret: ensureLoginCookie(request, response, config, services.random),
      current: current && { session: current, handle: services.sessions.handleOf(request.sessionID) },
      stepUp: stepUpRole(request, services),
      forceAuthn: request.query['fresh'] === 'yes',
    };
    const location = isOpenid
      ? await startOpenidLogin(services.openidLogin, wish)
      : await startLogin(services.startLogin, wish);
    response.redirect(303, location);
  });
  return router;
}

/** The IdP that was asked for, the only one there is, or undefined: the person has to choose. */
function chosenIdp(request: Request, { config }: Services): string | undefined {
  const asked = request.query['idp'];
  if (typeof asked === 'string') return asked;
  return config.signInSystems.length === 1 ? config.signInSystems[0]!.id : undefined;
}

function stepUpRole(request: Request, { config, clock }: Services) {
  const session = signedInSession(request, clock.now());
  const roleArn = request.query['step_up'];
  if (!session || typeof roleArn !== 'string') return undefined;
  return resolveRoles(session.identity, config.policy, clock.now()).find(
    (role) => role.roleArn === roleArn && role.stepUp,
  );
}
