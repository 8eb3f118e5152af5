// The portal's main page.
import { Router } from 'express';
import { type Services, signedInSession } from '../context.ts';
import { sendAssembled } from '../page/assembled-page.ts';
import { loginUrl } from '../page/return-to.ts';
import { answerIgnoredStepUp, isStepUpIgnored } from '../sign-in/ignored-step-up.ts';
import { readResume, resumePath } from '../sign-in/resume.ts';
import { portalPage } from './portal-page.ts';
import { createRoleLists } from './role-lists.ts';
import { rolesOf } from './session-roles.ts';

export function portalRoutes(services: Services): Router {
  const router = Router();
  const { clock, preferences } = services;
  const { portal } = services.config;
  const lists = createRoleLists();
  router.get('/', async (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const roles = rolesOf(request, session, services);
    const resume = readResume(request.query, roles, portal);
    const [resumed, ...more] = resume?.roles ?? [];
    if (resume && resumed && more.length === 0 && isStepUpIgnored(session, resumed)) {
      return answerIgnoredStepUp(services, { request, response, session }, { role: resumed, action: resume.action });
    }
    const [favourites, recents] = await Promise.all([
      preferences.favourites(session.identity),
      preferences.recents(session.identity),
    ]);
    // What we understood of the address, not what it said.
    const arns = resume?.roles.map(({ roleArn }) => roleArn) ?? [];
    const path = resume ? resumePath(resume.action, arns, resume.asked) : '/';
    const context = services.pageContext(request, path);
    const { text } = context;
    const [before, after] = portalPage(context, {
      session,
      roles,
      resume,
      sessionPolicies: portal.sessionPolicies,
      favourites,
      recents,
    });
    return sendAssembled(request, response, before, lists.listOf(roles, favourites, text), after);
  });
  return router;
}
