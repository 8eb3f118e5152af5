// A person decides whether a command line may sign in as them: who asks, from where, and the code that both show.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import { z } from 'zod';
import { principalKey } from '../../access/principal.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import type { AskedSignIn, AuthorizationServer } from '../../oauth/authorization-server.ts';
import { deviceFacts, grantFacts } from '../../oauth/exchange.ts';
import { confirmPath } from '../../oauth/provider.ts';
import { requestFacts, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { addressOf } from '../middleware/rate-limit.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { rolesOf, roleToStepUp } from '../portal/session-roles.ts';
import { resumePage } from '../sign-in/resume-page.ts';
import { loginUrl } from '../sign-in/return-to.ts';
import { stepUpTo } from '../sign-in/step-up.ts';
import { type ConfirmProblem, confirmedPage, confirmPage, deniedPage } from './confirm-page.ts';

const answerForm = z.object({
  decision: z.enum(['allow', 'cancel', 'not_me']),
  person: z.string().max(100),
  code: z.string().max(40).optional(),
});

interface Decided {
  readonly request: Request;
  readonly response: Response;
  readonly asked: AskedSignIn;
  readonly session: SignedInSession;
}

export function oauthConfirmRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { authorizationServer: server, config } = services;
  if (!server) return router;
  const form = [sameOrigin(config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.use(confirmPath, neverFramed);
  router.get(`${confirmPath}/:uid`, showConfirm(services, server, frameOf));
  router.post(`${confirmPath}/:uid`, form, takeDecision(services, server, frameOf));
  return router;
}

/** Whoever may embed the portal may not embed this: RFC 9700 §4.16. */
const neverFramed: RequestHandler = (_request, response, next) => {
  const policy = String(response.get('Content-Security-Policy') ?? '');
  response.set('Content-Security-Policy', policy.replace(/frame-ancestors [^;]*/, "frame-ancestors 'none'"));
  response.set('X-Frame-Options', 'DENY');
  next();
};

function showConfirm(services: Services, server: AuthorizationServer, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const asked = await server.asked(request, response, uidOf(request));
    const session = signedInSession(request, services.clock.now());
    const login = loginNeeded(services, asked, session);
    if (login !== undefined || !session) return response.redirect(303, login ?? '/');
    const { stepUpRole } = asked;
    if (stepUpRole !== undefined && !rolesOf(session, services).some(({ roleArn }) => roleArn === stepUpRole)) {
      await recordDenied(services, { request, response, asked, session }, 'role_not_granted');
      const decision = { error: 'access_denied', detail: 'no rule grants the role' } as const;
      return response.redirect(303, await server.decide(request, response, decision));
    }
    return sendConfirm(services, frameOf, { request, response, asked, session });
  };
}

/** Where to sign in first: without a session, for a role that wants more of it, or because the command line said so. */
function loginNeeded(services: Services, asked: AskedSignIn, session: SignedInSession | undefined): string | undefined {
  const back = `${confirmPath}/${asked.uid}`;
  if (!session) return asked.isFreshWanted ? `${loginUrl(back)}&fresh=yes` : loginUrl(back);
  const role = asked.stepUpRole === undefined ? undefined : roleToStepUp(session, asked.stepUpRole, services);
  if (role) return stepUpTo(role, back);
  return asked.isFreshWanted && !((session.askedAnewAt ?? 0) >= asked.askedAt)
    ? `${loginUrl(back)}&fresh=yes`
    : undefined;
}

function takeDecision(services: Services, server: AuthorizationServer, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const asked = await server.asked(request, response, uidOf(request));
    const { decision, person, code } = parseForm(answerForm, request.body);
    const session = signedInSession(request, services.clock.now());
    const login = loginNeeded(services, asked, session);
    if (login !== undefined || !session) {
      // 401 and no redirect: form-action would hold the way to the identity provider to our list.
      return response
        .status(401)
        .type('html')
        .send(resumePage({ ...frameOf(request), path: '/' }, login ?? '/'));
    }
    const decided = { request, response, asked, session };
    if (person !== personMark(session)) return sendConfirm(services, frameOf, decided, 'otherPerson');
    if (decision !== 'allow') return deny(services, server, frameOf, decided, decision);
    if (mustType(asked, request) && !isSameCode(code ?? '', asked.code)) {
      await recordDenied(services, decided, 'wrong_code');
      return sendConfirm(services, frameOf, decided, 'wrongCode');
    }
    return allow(services, server, frameOf, decided);
  };
}

async function allow(services: Services, server: AuthorizationServer, frameOf: FrameOf, decided: Decided) {
  const { grants, audit, clock, sessions } = services;
  const { request, response, asked, session } = decided;
  const { device, sourceIp } = asked;
  const id = await grants.open(session, { device, sourceIp, confirmedAt: clock.now().getTime() });
  // Findable first, asked afterwards: of a logout at this moment one sees the other.
  if ((await sessions.read(request.sessionID)) === undefined) {
    await grants.end(id);
    throw new BrokerError('unauthenticated', 'the session ended while its command line was confirmed');
  }
  const facts = { ...grantFacts({ session }, grants.nameOf(id)), ...deviceFacts(device), askedFrom: sourceIp };
  await audit.record({ event: 'command_line_confirmed', ...facts }, requestFacts(request));
  const next = await server.decide(request, response, { grantId: id, user: session.identity.user });
  return response.type('html').send(confirmedPage({ ...frameOf(request), path: '/' }, next, 'allowed'));
}

async function deny(
  services: Services,
  server: AuthorizationServer,
  frameOf: FrameOf,
  decided: Decided,
  decision: 'cancel' | 'not_me',
) {
  const { request, response } = decided;
  await recordDenied(services, decided, decision === 'cancel' ? 'cancelled' : 'not_me');
  const next = await server.decide(request, response, { error: 'access_denied', detail: 'refused by the person' });
  const frame = { ...frameOf(request), path: '/' };
  // Who was lured here stays here, and reads what to do; nothing is sent to whoever waits.
  const page = decision === 'cancel' ? confirmedPage(frame, next, 'cancelled') : deniedPage(frame);
  return response.type('html').send(page);
}

type DeniedReason = 'not_me' | 'cancelled' | 'wrong_code' | 'role_not_granted';

async function recordDenied({ audit }: Services, { request, asked, session }: Decided, reason: DeniedReason) {
  const { idp, user } = session.identity;
  const event = { event: 'command_line_denied', reason, askedFrom: asked.sourceIp } as const;
  await audit.record({ ...event, idp, user, ...deviceFacts(asked.device) }, requestFacts(request));
}

function sendConfirm(
  { clock }: Services,
  frameOf: FrameOf,
  { request, response, asked, session }: Decided,
  problem?: ConfirmProblem,
) {
  const browser = { ip: request.ip ?? '', now: clock.now() };
  const frame = { ...frameOf(request), path: `${confirmPath}/${asked.uid}` };
  const page = { asked, session, browser, person: personMark(session), mustType: mustType(asked, request), problem };
  return response
    .status(problem ? 403 : 200)
    .type('html')
    .send(confirmPage(frame, page));
}

/** What is shown proves nothing to somebody who reads it out; what only the right terminal shows has to come from there. */
function mustType({ isRemote, sourceIp }: AskedSignIn, { ip }: Request): boolean {
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
