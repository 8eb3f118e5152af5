// The page of credentials: options before they are issued, and the answer for one role or for several.
import { type Request, type Response, Router, urlencoded } from 'express';
import { z } from 'zod';
import { findRole } from '../../access/find-role.ts';
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { PageContext } from '../page/page-types.ts';
import { loginUrl } from '../page/return-to.ts';
import { needsStepUp, notGranted, requestedRole, rolesOf } from '../portal/session-roles.ts';
import { answerIgnoredStepUp, isStepUpIgnored } from '../sign-in/ignored-step-up.ts';
import { orReauthenticate } from '../sign-in/or-reauthenticate.ts';
import { type AskedFor, askedFields, resumePath } from '../sign-in/resume.ts';
import { credentialsToResume, resumeGuard } from '../sign-in/resume-guard.ts';
import { stepUpPage } from '../sign-in/sign-in-pages.ts';
import { issueBatch, maxBatch } from './batch.ts';
import { batchPage, batchRefusedPage } from './batch-page.ts';
import { credentialsPage } from './credentials-page.ts';
import { optionsPage } from './options-page.ts';
import { findSessionPolicy, sessionPoliciesFor } from './session-policy.ts';

const optionsQuery = z.object({ role: z.string().min(1).max(2048) });

const roleArn = z.string().min(20).max(2048);
const credentialsForm = z
  .object({
    roleArn: z.union([roleArn.transform((one) => [one]), z.array(roleArn)]).default([]),
    /** The form is the one for several roles, of which a person may tick one or none. */
    several: z.union([z.string(), z.array(z.string())]).optional(),
    ...askedFields,
  })
  .refine(({ roleArn, several }) => roleArn.length > 0 || several !== undefined, { path: ['roleArn'] });

export function credentialsRoutes(services: Services): Router {
  const router = Router();
  // More roles may be ticked than one form gives: the page says so.
  const limits = { extended: false, limit: '64kb', parameterLimit: 1000 };
  router.get('/credentials', (request, response) => {
    const session = signedInSession(request, services.clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const { role: query } = parseForm(optionsQuery, request.query);
    const found = findRole(query, rolesOf(request, session, services));
    if (found.kind === 'none' || (found.kind === 'choice' && found.isOther)) throw notGranted(session, query, services);
    if (found.kind !== 'one')
      throw new BrokerError('role_not_granted', 'the link does not match exactly one role of the user');
    if (isConsoleOnly(found.role)) throw new BrokerError('console_only', 'the role is for the console only');
    const sessionPolicies = sessionPoliciesFor(found.role, services.config.portal);
    const page = optionsPage(services.pageContext(request), session, { role: found.role, sessionPolicies });
    return response.type('html').send(page);
  });
  router.post(
    '/portal/credentials',
    sameOrigin(services.config.baseUrl),
    urlencoded(limits),
    resumeGuard(services, credentialsToResume),
    (request, response) => {
      const session = requireSession(request, services.clock.now());
      const { several, durationSeconds, sessionPolicy, ...form } = parseForm(credentialsForm, request.body);
      const roleArns = [...new Set(form.roleArn)];
      const asked = { durationSeconds, sessionPolicy };
      // Where a change of language, or the next sign-in, leads back to.
      const frame = services.pageContext(request, resumePath('credentials', roleArns, asked));
      const roles = rolesOf(request, session, services);
      const answer = { request, response, frame, session, roles, asked };
      const isBatch = several !== undefined || form.roleArn.length > 1;
      return isBatch ? answerBatch(services, answer, roleArns) : answerOne(services, answer, roleArns[0]!);
    },
  );
  return router;
}

interface Answer {
  readonly request: Request;
  readonly response: Response;
  readonly frame: PageContext;
  readonly session: SignedInSession;
  readonly roles: readonly EligibleRole[];
  readonly asked: AskedFor;
}

async function answerOne(services: Services, answer: Answer, roleArn: string): Promise<void> {
  const { request, response, frame, session, roles, asked } = answer;
  const { config, clock, credentials } = services;
  const requested = requestedRole(request, { session, roles, roleArn }, services);
  const { role } = requested;
  if (role && needsStepUp(session, role)) {
    const page = stepUpPage(frame, session, { role, action: 'credentials', asked });
    response.status(403).type('html').send(page);
    return;
  }
  if (role && isStepUpIgnored(session, role)) {
    return answerIgnoredStepUp(services, { request, response, session }, { role, action: 'credentials' });
  }
  const preset = findSessionPolicy(asked.sessionPolicy, config.portal);
  const { durationSeconds } = asked;
  const options = { durationSeconds, policy: preset?.policy, sessionPolicy: preset?.id } as const;
  const issued = await orReauthenticate({ response, frame, session, returnTo: frame.path }, () =>
    credentials.issue(requested, { ...options, purpose: 'credentials' }, requestFacts(request)),
  );
  if (!issued) return;
  const sessionPolicies = sessionPoliciesFor(issued.role, config.portal);
  const view = { issued, asked, sessionPolicies, now: clock.now(), baseUrl: config.baseUrl };
  response.type('html').send(credentialsPage(frame, session, view));
}

async function answerBatch(services: Services, answer: Answer, roleArns: readonly string[]): Promise<void> {
  const { request, response, frame, session, roles, asked } = answer;
  const { sessionPolicies } = services.config.portal;
  if (roleArns.length === 0 || roleArns.length > maxBatch) {
    response
      .status(400)
      .type('html')
      .send(batchRefusedPage(frame, session, roleArns.length));
    return;
  }
  const preset = findSessionPolicy(asked.sessionPolicy, services.config.portal);
  const { durationSeconds } = asked;
  const options = {
    durationSeconds,
    policy: preset?.policy,
    sessionPolicy: preset?.id,
    purpose: 'credentials',
  } as const;
  const outcomes = await issueBatch(services, request, session, roles, roleArns, options);
  const view = { outcomes, asked, sessionPolicies, now: services.clock.now() };
  response.type('html').send(batchPage(frame, session, view));
}
