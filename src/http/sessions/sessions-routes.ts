// Live sessions and issued credentials for administrators: the page and the API.
import { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { SessionFilter } from '../../broker/session-directory.ts';
import { BrokerError } from '../../errors.ts';
import {
  type AdministeredCredentials,
  type AdministeredSessions,
  sessionsEndQuery,
  sessionsQuery,
} from '../../wire/administration.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { requireAdministrator } from '../middleware/administrators.ts';
import { formBody, parseForm } from '../middleware/parse-form.ts';
import { sameOriginOfScript } from '../middleware/same-origin.ts';
import { onlyAdministrators } from '../why/only-administrators.ts';
import { sessionsPage } from './sessions-page.ts';

const field = z.string().max(300).default('');
const pageQuery = z.object({ user: field, idp: field });
const endForm = pageQuery.extend({ id: field, all: z.literal('true').optional() });

export function sessionsRoutes(services: Services): Router {
  const router = Router();
  const { config, clock, pageContext } = services;
  const guard = onlyAdministrators(services);
  router.get('/admin/sessions', guard, async (request, response) => {
    const { user, idp } = parseForm(pageQuery, request.query);
    const filter = { user: user.trim() || undefined, idp: idp || undefined };
    const isAsked = filter.user !== undefined || filter.idp !== undefined;
    const answer = isAsked ? await look(services, request, filter) : undefined;
    const session = requireSession(request, clock.now());
    const view = { session, idps: config.identityProviders, user: user.trim(), idp, answer };
    response.type('html').send(sessionsPage(pageContext(request, '/admin/sessions'), view));
  });
  router.post('/admin/sessions', guard, ...formBody(config.baseUrl), async (request, response) => {
    const { user, idp, id, all } = parseForm(endForm, request.body);
    const filter = { id: id || undefined, user: user || undefined, idp: idp || undefined };
    await end(services, request, filter, all !== undefined);
    // To sign in again would leave this host, which form-action of the page's policy forbids.
    const next = (await isOver(request)) ? '/signed-out' : `/admin/sessions?${new URLSearchParams({ user, idp })}`;
    response.redirect(303, next);
  });
  return router.use(apiRoutes(services));
}

function apiRoutes(services: Services): Router {
  const router = Router();
  const guard: RequestHandler = (request, _response, next) => {
    requireAdministrator(request, services);
    next();
  };
  router.get('/api/v1/admin/sessions', guard, async (request, response) => {
    const { live } = await look(services, request, parseForm(sessionsQuery, request.query), { issued: false });
    const sessions = live.sessions.map((each) => ({
      ...each,
      signedInAt: each.signedInAt.toISOString(),
      expiresAt: each.expiresAt.toISOString(),
    }));
    response.json({ total: live.total, sessions } satisfies AdministeredSessions);
  });
  router.get('/api/v1/admin/credentials', guard, async (request, response) => {
    const { issued } = await look(services, request, parseForm(sessionsQuery, request.query), { live: false });
    const time = (milliseconds: number) => new Date(milliseconds).toISOString();
    const credentials = issued.credentials.map((each) => ({
      ...each,
      issuedAt: time(each.issuedAt),
      expiresAt: time(each.expiresAt),
    }));
    response.json({ credentials, incomplete: [...issued.incomplete] } satisfies AdministeredCredentials);
  });
  const ofScript = sameOriginOfScript(services.config.baseUrl);
  router.delete('/api/v1/admin/sessions', guard, ofScript, async (request, response) => {
    const { all, ...filter } = parseForm(sessionsEndQuery, request.query);
    response.json({ ended: await end(services, request, filter, all !== undefined) });
  });
  return router;
}

/** Recorded before it is answered. @throws BrokerError store_unavailable or audit_unavailable */
async function look(
  { sessionDirectory, credentialRegister, audit, clock }: Services,
  request: Request,
  { user, idp }: SessionFilter,
  wanted: { readonly live?: false; readonly issued?: false } = {},
) {
  const [live, issued] = await Promise.all([
    wanted.live === false ? { total: 0, sessions: [] } : sessionDirectory.list({ user, idp }),
    wanted.issued === false ? { credentials: [], incomplete: [] } : credentialRegister.find({ user, idp }),
  ]);
  const { identity } = requireSession(request, clock.now());
  const facts = {
    ...{ idp: identity.idp, user: identity.user, about: user, aboutIdp: idp },
    ...(wanted.live === false ? {} : { sessions: live.total }),
    ...(wanted.issued === false ? {} : { credentials: issued.credentials.length }),
  };
  await audit.record({ event: 'sessions_viewed', ...facts }, requestFacts(request));
  return { live, issued };
}

/** Whether the request's own session has ended meanwhile. */
function isOver(request: Request): Promise<boolean> {
  // What express-session says of a session that its store does not have.
  return new Promise((resolve) => {
    request.session.reload((error?: Error) => resolve(error?.message === 'failed to load session'));
  });
}

/** A filter that is forgotten must not end all. @throws BrokerError bad_request, store_unavailable or audit_unavailable */
async function end(
  { sessionDirectory, clock }: Services,
  request: Request,
  filter: SessionFilter,
  isAll: boolean,
): Promise<number> {
  const { user, idp, id } = filter;
  const isFiltered = user !== undefined || idp !== undefined || id !== undefined;
  if (isFiltered === isAll) {
    throw new BrokerError('bad_request', 'name a user, an identity provider or a session, or all of them');
  }
  const { identity } = requireSession(request, clock.now());
  return sessionDirectory.end(filter, identity.user, requestFacts(request));
}
