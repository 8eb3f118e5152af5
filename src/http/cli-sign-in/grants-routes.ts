// A person's sign-ins on the command line: the page that lists them, and ending one or all (`rolegate logout --all`).
import { type Request, Router, urlencoded } from 'express';
import { z } from 'zod';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { loginUrl } from '../sign-in/return-to.ts';
import { grantsPage } from './grants-page.ts';

const endForm = z.object({ grant: z.string().max(40).optional() });

export function grantsRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { config, clock, grants } = services;
  router.get('/command-line', async (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl('/command-line'));
    const page = grantsPage(frameOf(request), session, await grants.list(session.identity));
    return response.type('html').send(page);
  });
  const read = urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 });
  router.post('/portal/command-line', sameOrigin(config.baseUrl), read, async (request, response) => {
    await endGrants(services, request, parseForm(endForm, request.body).grant);
    response.redirect(303, '/command-line');
  });
  router.delete('/api/v1/grants', sameOrigin(config.baseUrl), async (request, response) => {
    response.json({ ended: await endGrants(services, request) });
  });
  return router;
}

/** @param name of one; undefined for all. @returns how many ended. @throws BrokerError unauthenticated */
async function endGrants({ clock, grants, audit }: Services, request: Request, name?: string): Promise<number> {
  const { identity } = requireSession(request, clock.now());
  const ended = await grants.endOf(identity, name);
  const { idp, user } = identity;
  await audit.record({ event: 'grants_ended', idp, user, ended }, requestFacts(request));
  return ended;
}
