// The portal's main page.
import { Router } from 'express';
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Services, signedInSession } from '../context.ts';
import type { FrameOf } from '../page/page-context.ts';
import { sendLargePage } from '../page/send-large-page.ts';
import { readResume, resumePath } from '../sign-in/resume.ts';
import { loginUrl } from '../sign-in/return-to.ts';
import { portalPage } from './portal-page.ts';
import { rolesOf } from './session-roles.ts';

export function portalRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { clock } = services;
  router.get('/', async (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const roles = rolesOf(session, services);
    const { portal } = services.config;
    const resume = readResume(request.query, roles, portal);
    const own = await preferencesOf(session, services);
    // What we understood of the address, not what it said.
    const path = resume ? resumePath(resume.action, arnsOf(resume.roles), resume.asked) : '/';
    const frame = { ...frameOf(request), path };
    const { sessionPolicies } = portal;
    return sendLargePage(request, response, portalPage(frame, { session, roles, resume, sessionPolicies, ...own }));
  });
  return router;
}

async function preferencesOf({ identity }: SignedInSession, { preferences }: Services) {
  const [favourites, recents] = await Promise.all([preferences.favourites(identity), preferences.recents(identity)]);
  return { favourites, recents: recents.map(({ roleArn }) => roleArn) };
}

function arnsOf(roles: readonly EligibleRole[]): string[] {
  return roles.map(({ roleArn }) => roleArn);
}
