// A person's sign-ins on the command line: the page that lists them, and ending one or all (`rolegate logout --all`).
import { type Request, Router } from 'express';
import { z } from 'zod';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { formBody, parseForm } from '../middleware/parse-form.ts';
import { sameOriginOfScript } from '../middleware/same-origin.ts';
import { signedIn } from '../sign-in/signed-in.ts';
import { grantsPage } from './grants-page.ts';

const endForm = z.object({ grant: z.string().max(40).optional() });

export function grantsRoutes(services: Services): Router {
  const router = Router();
  const { config, grants, pageContext } = services;
  const list = signedIn(services, async (session, request, response) => {
    const page = grantsPage(pageContext(request), session, await grants.list(session.identity));
    response.type('html').send(page);
  });
  router.get('/command-line', list);
  router.post('/portal/command-line', ...formBody(config.baseUrl), async (request, response) => {
    await endGrants(services, request, parseForm(endForm, request.body).grant);
    response.redirect(303, '/command-line');
  });
  router.delete('/api/v1/grants', sameOriginOfScript(config.baseUrl), async (request, response) => {
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
