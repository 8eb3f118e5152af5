// A person decides whether a command line may sign in as them: who asks, from where, and the code that both show.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { EligibleRole } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import type { AuthorizationServer, PendingRequest, Visit } from '../../oauth/authorization-server.ts';
import { deviceFacts, grantFacts } from '../../oauth/exchange.ts';
import { confirmPath } from '../../oauth/routes.ts';
import { addressOf } from '../../source-address.ts';
import { requestFacts, type Services, signedInSession } from '../context.ts';
import { formBody, parseForm } from '../middleware/parse-form.ts';
import { neverFramed } from '../middleware/security-headers.ts';
import { loginUrl } from '../page/return-to.ts';
import { needsStepUp, rolesOf } from '../portal/session-roles.ts';
import { resumePage } from '../sign-in/sign-in-pages.ts';
import { stepUpTo } from '../sign-in/step-up.ts';
import { browserSecrets } from './browser-secrets.ts';
import { type ConfirmProblem, confirmedPage, confirmPage, deniedPage } from './confirm-page.ts';

const answerForm = z.object({
  decision: z.enum(['allow', 'cancel', 'not_me']),
  person: z.string().max(100),
  code: z.string().max(40).optional(),
});

interface Confirmation extends Visit {
  readonly request: Request;
  readonly response: Response;
  readonly asked: PendingRequest;
  readonly session: SignedInSession;
}

export function confirmRoutes(services: Services): Router {
  const router = Router();
  const { authorizationServer: server, config } = services;
  if (!server) return router;
  router.use(confirmPath, neverFramed(config, config.aws.partition));
  router.get(`${confirmPath}/:uid`, showConfirm(services, server));
  router.post(`${confirmPath}/:uid`, ...formBody(config.baseUrl), takeDecision(services, server));
  return router;
}

function showConfirm(services: Services, server: AuthorizationServer): RequestHandler {
  return async (request, response) => {
    const visit = { request, response, browser: browserSecrets(services, request) };
    const asked = await server.pending(visit, uidOf(request));
    const session = signedInSession(request, services.clock.now());
    const role = session && stepUpRole(request, services, asked, session);
    const login = signInNeeded(asked, session, role);
    if (login !== undefined || !session) return response.redirect(303, login ?? '/');
    if (asked.stepUpRole !== undefined && !role) {
      await recordDenied(services, { ...visit, asked, session }, 'role_not_granted');
      const decision = { error: 'access_denied', detail: 'no rule grants the role' } as const;
      return response.redirect(303, await server.decide(visit, asked, decision));
    }
    return sendConfirm(services, { ...visit, asked, session });
  };
}

function stepUpRole(
  request: Request,
  services: Services,
  asked: PendingRequest,
  session: SignedInSession,
): EligibleRole | undefined {
  if (asked.stepUpRole === undefined) return undefined;
  return rolesOf(request, session, services).find(({ roleArn }) => roleArn === asked.stepUpRole);
}

/** Where to sign in first: without a session, for a role that wants more of it, or because the command line said so. */
function signInNeeded(
  asked: PendingRequest,
  session: SignedInSession | undefined,
  role: EligibleRole | undefined,
): string | undefined {
  const back = `${confirmPath}/${asked.uid}`;
  if (!session) return asked.isFreshWanted ? `${loginUrl(back)}&fresh=yes` : loginUrl(back);
  if (role && needsStepUp(session, role)) return stepUpTo(role, back);
  return asked.isFreshWanted && !((session.askedAnewAt ?? 0) >= asked.askedAt)
    ? `${loginUrl(back)}&fresh=yes`
    : undefined;
}

function takeDecision(services: Services, server: AuthorizationServer): RequestHandler {
  return async (request, response) => {
    const visit = { request, response, browser: browserSecrets(services, request) };
    const asked = await server.pending(visit, uidOf(request));
    const { decision, person, code } = parseForm(answerForm, request.body);
    const session = signedInSession(request, services.clock.now());
    const login = signInNeeded(asked, session, session && stepUpRole(request, services, asked, session));
    if (login !== undefined || !session) {
      // 401 and no redirect: form-action would hold the way to the identity provider to our list.
      return response
        .status(401)
        .type('html')
        .send(resumePage(services.pageContext(request, '/'), login ?? '/'));
    }
    const confirmation = { ...visit, asked, session };
    if (person !== personMark(session)) return sendConfirm(services, confirmation, 'otherPerson');
    if (decision !== 'allow') return deny(services, server, confirmation, decision);
    if (mustType(asked, request) && !isSameCode(code ?? '', asked.code)) {
      await recordDenied(services, confirmation, 'wrong_code');
      return sendConfirm(services, confirmation, 'wrongCode');
    }
    return allow(services, server, confirmation);
  };
}

async function allow(services: Services, server: AuthorizationServer, confirmation: Confirmation) {
  const { grants, audit, clock, sessions } = services;
  const { request, response, asked, session } = confirmation;
  const { device, sourceIp } = asked;
  const id = await grants.open(session, { device, sourceIp, confirmedAt: clock.now().getTime() });
  // Findable first, asked afterwards: of a logout at this moment one sees the other.
  if ((await sessions.read(request.sessionID)) === undefined) {
    await grants.end(id);
    throw new BrokerError('unauthenticated', 'the session ended while its command line was confirmed');
  }
  const facts = { ...grantFacts(session, grants.nameOf(id)), ...deviceFacts(device), askedFrom: sourceIp };
  await audit.record({ event: 'command_line_confirmed', ...facts }, requestFacts(request));
  const decision = { grantId: id, user: session.identity.user };
  const next = await server.decide(confirmation, asked, decision).catch(async (error: unknown) => {
    await grants.end(id);
    throw error;
  });
  return response.type('html').send(confirmedPage(services.pageContext(request, '/'), next, 'allowed'));
}

async function deny(
  services: Services,
  server: AuthorizationServer,
  confirmation: Confirmation,
  decision: 'cancel' | 'not_me',
) {
  const { request, response, asked } = confirmation;
  const isCancelled = decision === 'cancel';
  await recordDenied(services, confirmation, isCancelled ? 'cancelled' : 'not_me');
  const detail = isCancelled ? 'you cancelled it in the browser' : "'This was not me' was chosen in the browser";
  const next = await server.decide(confirmation, asked, { error: 'access_denied', detail });
  const context = services.pageContext(request, '/');
  if (isCancelled) return response.type('html').send(confirmedPage(context, next, 'cancelled'));
  // A listener on this machine hears of it at once, every other terminal when it asks next. Who was lured by a stranger elsewhere stays here, and reads what to do.
  return response.type('html').send(deniedPage(context, next, !mustType(asked, request)));
}

type DeniedReason = 'not_me' | 'cancelled' | 'wrong_code' | 'role_not_granted';

async function recordDenied({ audit }: Services, { request, asked, session }: Confirmation, reason: DeniedReason) {
  const { idp, user } = session.identity;
  const event = { event: 'command_line_denied', reason, askedFrom: asked.sourceIp } as const;
  await audit.record({ ...event, idp, user, ...deviceFacts(asked.device) }, requestFacts(request));
}

function sendConfirm(
  { clock, pageContext }: Services,
  { request, response, asked, session }: Confirmation,
  problem?: ConfirmProblem,
) {
  const browser = { ip: request.ip ?? '', now: clock.now() };
  const context = pageContext(request, `${confirmPath}/${asked.uid}`);
  const page = { asked, session, browser, person: personMark(session), mustType: mustType(asked, request), problem };
  return response
    .status(problem ? 403 : 200)
    .type('html')
    .send(confirmPage(context, page));
}

/** An attacker can have the person read out what this page shows; only the right terminal shows the code to type. */
function mustType({ isRemote, sourceIp }: PendingRequest, { ip }: Request): boolean {
  return isRemote || addressOf(sourceIp) !== addressOf(ip ?? '');
}

function isSameCode(typed: string, code: string): boolean {
  const digest = (text: string) =>
    createHash('sha256')
      .update(text.toUpperCase().replace(/[^A-Z0-9]/g, ''))
      .digest();
  return timingSafeEqual(digest(typed), digest(code));
}

/** A page that was shown to one person does not answer for another. */
function personMark({ identity }: SignedInSession): string {
  return createHash('sha256').update(principalKey(identity)).digest('base64url');
}

function uidOf(request: Request): string {
  const { uid } = request.params;
  return typeof uid === 'string' ? uid : '';
}
