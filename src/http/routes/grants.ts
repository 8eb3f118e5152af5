// Ends all command-line sign-ins of the person: `rolegate logout --all`.
import { Router } from 'express';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { sameOrigin } from '../middleware/same-origin.ts';

export function grantsRoutes({ config, clock, grants, audit }: Services): Router {
  const router = Router();
  router.delete('/api/v1/grants', sameOrigin(config.baseUrl), async (request, response) => {
    const { identity } = requireSession(request, clock.now());
    const ended = await grants.endOf(identity);
    const { idp, user } = identity;
    await audit.record({ event: 'grants_ended', idp, user, ended }, requestFacts(request));
    response.json({ ended });
  });
  return router;
}
