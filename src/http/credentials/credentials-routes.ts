// The page of credentials for one role.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { findRole } from '../../access/find-role.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import { issueCredentials } from '../../broker/credentials/issue-credentials.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { rolesOf, roleToStepUp } from '../portal/session-roles.ts';
import { orReauthenticate } from '../sign-in/or-reauthenticate.ts';
import { askedFields, resumePath } from '../sign-in/resume.ts';
import { loginUrl } from '../sign-in/return-to.ts';
import { stepUpPage } from '../sign-in/step-up-page.ts';
import { credentialsPage } from './credentials-page.ts';
import { optionsPage } from './options-page.ts';
import { findSessionPolicy, sessionPoliciesFor } from './session-policy.ts';

const optionsQuery = z.object({ role: z.string().min(1).max(2048) });
const credentialsForm = z.object({ roleArn: z.string().min(20).max(2048), ...askedFields });

export function portalCredentialsRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const form = [sameOrigin(services.config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.get('/credentials', getOptions(services, frameOf));
  router.post('/portal/credentials', form, postCredentials(services, frameOf));
  return router;
}

function getOptions(services: Services, frameOf: FrameOf): RequestHandler {
  return (request, response) => {
    const session = signedInSession(request, services.clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const { role: wish } = parseForm(optionsQuery, request.query);
    const found = findRole(wish, rolesOf(session, services));
    if (found.kind !== 'one') throw new BrokerError('role_not_granted', 'the link names no one role of this person');
    if (isConsoleOnly(found.role)) throw new BrokerError('console_only', 'the role gives no credentials');
    const sessionPolicies = sessionPoliciesFor(found.role, services.config.portal);
    const page = optionsPage(frameOf(request), session, { role: found.role, sessionPolicies });
    return response.type('html').send(page);
  };
}

function postCredentials(services: Services, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn, durationSeconds, sessionPolicy } = parseForm(credentialsForm, request.body);
    const asked = { durationSeconds, sessionPolicy };
    // Where a change of language, or the next sign-in, leads back to.
    const frame = { ...frameOf(request), path: resumePath('credentials', [roleArn], asked) };
    const stepUp = roleToStepUp(session, roleArn, services);
    if (stepUp) {
      const page = stepUpPage(frame, session, { role: stepUp, action: 'credentials', asked });
      response.status(403).type('html').send(page);
      return;
    }
    const preset = findSessionPolicy(asked.sessionPolicy, services.config.portal);
    const issue = () =>
      issueCredentials(services.console, {
        session,
        roleArn,
        durationSeconds: asked.durationSeconds,
        policy: preset?.policy,
        sessionPolicy: preset?.id,
        purpose: 'credentials',
        request: requestFacts(request),
      });
    const issued = await orReauthenticate({ response, frame, session, returnTo: frame.path }, issue);
    if (!issued) return;
    const sessionPolicies = sessionPoliciesFor(issued.role, services.config.portal);
    const view = { issued, asked, sessionPolicies, now: services.clock.now(), baseUrl: services.config.baseUrl };
    response.type('html').send(credentialsPage(frame, session, view));
  };
}
