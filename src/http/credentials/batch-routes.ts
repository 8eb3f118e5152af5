// Credentials for several roles at once: the same address as for one, told apart by the form.
import { type Request, type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import type { EligibleRole } from '../../access/model.ts';
import { issueCredentials } from '../../broker/credentials/issue-credentials.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { rolesOf } from '../portal/session-roles.ts';
import { askedFields, resumePath } from '../sign-in/resume.ts';
import { type Outcome, severalPage, severalRefusedPage } from './batch-page.ts';
import { findSessionPolicy, type SessionPolicy } from './session-policy.ts';

/** A person waits for all of them. */
const mostRoles = 20;
const atOnce = 4;
/** More may be ticked than is given: the page says so. */
const mostFields = 1000;

const roleArn = z.string().min(20).max(2048);
const severalForm = z.object({
  roleArn: z.union([roleArn.transform((one) => [one]), z.array(roleArn)]).default([]),
  ...askedFields,
});

/** Comes before the route for one role, and leaves that one alone. */
export function portalSeveralRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const limits = { extended: false, limit: '64kb', parameterLimit: mostFields };
  const form = [sameOrigin(services.config.baseUrl), urlencoded(limits), onlySeveral];
  router.post('/portal/credentials', form, postSeveral(services, frameOf));
  return router;
}

const onlySeveral: RequestHandler = (request, _response, next) => {
  const { several, roleArn: wished } = (request.body ?? {}) as Record<string, unknown>;
  next(several !== undefined || Array.isArray(wished) ? undefined : 'route');
};

function postSeveral(services: Services, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn: arns, durationSeconds, sessionPolicy } = parseForm(severalForm, request.body);
    const wished = [...new Set(arns)];
    const asked = { durationSeconds, sessionPolicy };
    const frame = { ...frameOf(request), path: resumePath('credentials', wished, asked) };
    if (wished.length === 0 || wished.length > mostRoles) {
      return response
        .status(400)
        .type('html')
        .send(severalRefusedPage(frame, session, wished.length));
    }
    const roles = new Map<string, EligibleRole>(rolesOf(session, services).map((role) => [role.roleArn, role]));
    const { portal } = services.config;
    const preset = findSessionPolicy(sessionPolicy, portal);
    const issue = (arn: string) =>
      outcomeOf(services, request, { session, roleArn: arn, role: roles.get(arn), durationSeconds, preset });
    const outcomes = await inGroups(wished, atOnce, issue);
    const view = { outcomes, asked, sessionPolicies: portal.sessionPolicies, now: services.clock.now() };
    return response.type('html').send(severalPage(frame, session, view));
  };
}

interface Wish {
  readonly session: SignedInSession;
  readonly roleArn: string;
  readonly role: EligibleRole | undefined;
  readonly durationSeconds: number | undefined;
  readonly preset: SessionPolicy | undefined;
}

/** Each stands for itself: audited as one alone would be, and the failure of one is no failure of the others. */
async function outcomeOf(services: Services, request: Request, { role, preset, ...wish }: Wish): Promise<Outcome> {
  const { roleArn } = wish;
  try {
    const limits = { policy: preset?.policy, sessionPolicy: preset?.id, purpose: 'credentials' } as const;
    const facts = requestFacts(request);
    return { issued: await issueCredentials(services.console, { ...wish, ...limits, request: facts }) };
  } catch (error) {
    const code = error instanceof BrokerError ? error.code : 'internal';
    const facts = { requestId: request.requestId, roleArn, code, detail: (error as Error).message };
    services.log.warn(facts, 'one of several roles got no credentials');
    return { role, code };
  }
}

async function inGroups<T, R>(items: readonly T[], size: number, action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(action))));
  }
  return results;
}
