// The portal's pages, their forms, and the federation link that other portals embed.
import { type Request, type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { parseRoleArn } from '../../access/arn.ts';
import type { EligibleRole } from '../../access/model.ts';
import { accountIndex, resolveRoles } from '../../access/resolve.ts';
import { consoleDestination } from '../../aws/destination.ts';
import { issueCredentials } from '../../broker/issue-credentials.ts';
import { openConsole } from '../../broker/open-console.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { consolePage } from '../views/console-page.ts';
import { credentialsPage } from '../views/credentials-page.ts';
import type { PageFrame } from '../views/layout.ts';
import { portalPage } from '../views/portal-page.ts';
import { stepUpPage } from '../views/step-up-page.ts';

const roleForm = z.object({ roleArn: z.string().min(20).max(2048) });
const consoleForm = roleForm.extend({
  destination: z.string().max(2048).optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .optional(),
});

export function portalRoutes(services: Services, frame: PageFrame): Router {
  const router = Router();
  const { config, clock } = services;
  const form = [sameOrigin(config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.get('/', (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const roles = rolesOf(session, services);
    return response.type('html').send(portalPage(frame, { session, roles, resume: resumed(request, roles) }));
  });
  router.get('/console', consoleLink(services, frame));
  router.post('/portal/console', form, postConsole(services, frame));
  router.post('/portal/credentials', form, postCredentials(services, frame));
  return router;
}

function loginUrl(returnTo: string): string {
  return `/login?${new URLSearchParams({ return_to: returnTo })}`;
}

function rolesOf(session: SignedInSession, { config, clock }: Services): EligibleRole[] {
  return resolveRoles(session.identity, config.policy, clock.now());
}

function resumed(request: Request, roles: readonly EligibleRole[]) {
  const action = request.query['resume'];
  const role = roles.find((each) => each.roleArn === request.query['role']);
  return role && (action === 'console' || action === 'credentials') ? ({ role, action } as const) : undefined;
}

function consoleLink(services: Services, frame: PageFrame): RequestHandler {
  return (request, response) => {
    const session = signedInSession(request, services.clock.now());
    if (!session) {
      response.redirect(303, loginUrl(request.originalUrl));
      return;
    }
    const { role: wish, destination, region } = request.query;
    const role = rolesOf(session, services).find((each) => isMeant(each, wish, services));
    if (!role) throw new BrokerError('role_not_granted', 'a console link names a role that no rule grants this person');
    const wanted = parseForm(consoleForm, { roleArn: role.roleArn, destination, region });
    const target = consoleDestination(wanted.destination, wanted.region ?? role.region, services.console.partition);
    if (target === undefined) throw new BrokerError('bad_request', 'the destination is not on the AWS console');
    response
      .type('html')
      .send(consolePage(frame, session, { role, destination: wanted.destination, region: wanted.region }));
  };
}

/** A role is named by its ARN or as `account/role`, with the account's id or alias. */
function isMeant(role: EligibleRole, wish: unknown, { config }: Services): boolean {
  if (typeof wish !== 'string') return false;
  if (wish === role.roleArn) return true;
  const slash = wish.indexOf('/');
  const account = accountIndex(config.policy.accounts).get(wish.slice(0, slash));
  return slash > 0 && account?.id === role.account.id && parseRoleArn(role.roleArn)?.role === wish.slice(slash + 1);
}

function postConsole(services: Services, frame: PageFrame): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn, destination, region } = parseForm(consoleForm, request.body);
    const stepUp = roleToStepUp(session, roleArn, services);
    if (stepUp)
      return response
        .status(403)
        .type('html')
        .send(stepUpPage(frame, session, stepUp, 'console'));
    const wish = { session, roleArn, destination, region, durationSeconds: undefined, request: requestFacts(request) };
    const { url } = await openConsole(services.console, wish);
    return response.redirect(303, url);
  };
}

function postCredentials(services: Services, frame: PageFrame): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn } = parseForm(roleForm, request.body);
    const stepUp = roleToStepUp(session, roleArn, services);
    if (stepUp)
      return response
        .status(403)
        .type('html')
        .send(stepUpPage(frame, session, stepUp, 'credentials'));
    const issued = await issueCredentials(services.console, {
      session,
      roleArn,
      durationSeconds: undefined,
      policy: undefined,
      purpose: 'credentials',
      request: requestFacts(request),
    });
    return response.type('html').send(credentialsPage(frame, session, issued));
  };
}

/** The role, if it needs another sign-in first. If one did not bring the context asked for: an error and no loop. */
function roleToStepUp(session: SignedInSession, roleArn: string, services: Services): EligibleRole | undefined {
  const role = rolesOf(session, services).find((each) => each.roleArn === roleArn);
  const hasTried = session.steppedUpFor === roleArn && role?.stepUp?.reason === 'authn_context';
  return role?.stepUp && !hasTried ? role : undefined;
}

function parseForm<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new BrokerError(
    'bad_request',
    `form does not fit: ${parsed.error.issues.map((i) => i.path.join('.')).join(', ')}`,
  );
}
