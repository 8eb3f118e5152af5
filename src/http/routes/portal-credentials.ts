// The page of credentials for one role.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { issueCredentials } from '../../broker/issue-credentials.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import type { FrameOf } from '../frame.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { parseForm } from '../parse-form.ts';
import { findSessionPolicy } from '../session-policy.ts';
import { roleToStepUp } from '../session-roles.ts';
import { credentialsPage } from '../views/credentials-page.ts';
import { stepUpPage } from '../views/step-up-page.ts';

const nothing = z.literal('').transform(() => undefined);
const seconds = z.coerce.number().int().min(900).max(43_200);
const credentialsForm = z.object({
  roleArn: z.string().min(20).max(2048),
  durationSeconds: z.union([nothing, seconds]).optional(),
  sessionPolicy: z.union([nothing, z.string().max(32)]).optional(),
});

export function portalCredentialsRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const form = [sameOrigin(services.config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.post('/portal/credentials', form, postCredentials(services, frameOf));
  return router;
}

function postCredentials(services: Services, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn, ...asked } = parseForm(credentialsForm, request.body);
    const { sessionPolicies } = services.config.portal;
    const stepUp = roleToStepUp(session, roleArn, services);
    if (stepUp)
      return response
        .status(403)
        .type('html')
        .send(stepUpPage(frameOf(request), session, stepUp, 'credentials'));
    const preset = findSessionPolicy(asked.sessionPolicy, services.config.portal);
    const issued = await issueCredentials(services.console, {
      session,
      roleArn,
      durationSeconds: asked.durationSeconds,
      policy: preset?.policy,
      sessionPolicy: preset?.id,
      purpose: 'credentials',
      request: requestFacts(request),
    });
    const view = {
      issued,
      asked: { durationSeconds: asked.durationSeconds, sessionPolicy: preset?.id },
      sessionPolicies,
      now: services.clock.now(),
    };
    return response.type('html').send(credentialsPage(frameOf(request), session, view));
  };
}
