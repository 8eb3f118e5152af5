// The portal's main page.
import { type Request, Router } from 'express';
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { type Services, signedInSession } from '../context.ts';
import type { FrameOf } from '../frame.ts';
import { loginUrl } from '../return-to.ts';
import { sendLargePage } from '../send-large-page.ts';
import { rolesOf } from '../session-roles.ts';
import { portalPage } from '../views/portal-page.ts';

export function portalRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { clock } = services;
  router.get('/', async (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const roles = rolesOf(session, services);
    const resume = resumed(request, roles);
    const own = await preferencesOf(session, services);
    const frame = { ...frameOf(request), path: ownPath(resume) };
    return sendLargePage(request, response, portalPage(frame, { session, roles, resume, ...own }));
  });
  return router;
}

async function preferencesOf({ identity }: SignedInSession, { preferences }: Services) {
  const [favourites, recents] = await Promise.all([preferences.favourites(identity), preferences.recents(identity)]);
  return { favourites, recents: recents.map(({ roleArn }) => roleArn) };
}

function resumed(request: Request, roles: readonly EligibleRole[]) {
  const action = request.query['resume'];
  const role = roles.find((each) => each.roleArn === request.query['role']);
  return role && (action === 'console' || action === 'credentials') ? ({ role, action } as const) : undefined;
}

/** What we understood of the address, not what it said. */
function ownPath(resume: ReturnType<typeof resumed>): string {
  return resume ? `/?${new URLSearchParams({ resume: resume.action, role: resume.role.roleArn })}` : '/';
}
