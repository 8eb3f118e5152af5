// The page of credentials for one role.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { issueCredentials } from '../../broker/issue-credentials.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import type { FrameOf } from '../frame.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { parseForm } from '../parse-form.ts';
import { roleToStepUp } from '../session-roles.ts';
import { credentialsPage } from '../views/credentials-page.ts';
import { stepUpPage } from '../views/step-up-page.ts';

const credentialsForm = z.object({ roleArn: z.string().min(20).max(2048) });

export function portalCredentialsRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const form = [sameOrigin(services.config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.post('/portal/credentials', form, postCredentials(services, frameOf));
  return router;
}

function postCredentials(services: Services, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn } = parseForm(credentialsForm, request.body);
    const stepUp = roleToStepUp(session, roleArn, services);
    if (stepUp)
      return response
        .status(403)
        .type('html')
        .send(stepUpPage(frameOf(request), session, stepUp, 'credentials'));
    const issued = await issueCredentials(services.console, {
      session,
      roleArn,
      durationSeconds: undefined,
      policy: undefined,
      purpose: 'credentials',
      request: requestFacts(request),
    });
    return response.type('html').send(credentialsPage(frameOf(request), session, issued));
  };
}
