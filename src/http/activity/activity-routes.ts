// Recent activity, as pages and as JSON: a person's own, and for administrators that of all.
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { ActivityDay } from '../../broker/activity/activity-day.ts';
import { BrokerError } from '../../errors.ts';
import { type Activity, type AdminActivity, adminActivityQuery } from '../../wire/activity.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { requireAdministrator } from '../middleware/administrators.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { loginUrl } from '../page/return-to.ts';
import { onlyAdministrators } from '../why/only-administrators.ts';
import { activityPage } from './activity-page.ts';
import { adminActivityPage, periods } from './admin-activity-page.ts';

const pageQuery = z.object({
  days: z.coerce.number().pipe(z.literal(periods)).default(periods[0]),
  user: z.string().trim().max(300).default(''),
  idp: z.string().max(64).default(''),
});

export function activityRoutes(services: Services): Router {
  const router = Router();
  const { activity, clock, config } = services;
  router.get('/activity', async (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const entries = await activity.ofPerson(session.identity);
    const view = { session, entries, policy: config.policy };
    return response.type('html').send(activityPage(services.pageContext(request), view));
  });
  router.get('/admin/activity', onlyAdministrators(services), async (request, response) => {
    const { identityProviders: idps, policy } = config;
    const { days, user, idp } = parseForm(pageQuery, request.query);
    const person = user === '' ? undefined : { user, idp: idp || idps[0]!.id };
    const found = await look(services, request, days, person);
    const view = { ...found, user, idp, idps, policy, session: requireSession(request, clock.now()) };
    response.type('html').send(adminActivityPage(services.pageContext(request, '/admin/activity'), view));
  });
  router.get('/api/v1/activity', async (request, response) => {
    const { identity } = requireSession(request, clock.now());
    const answer: Activity = { entries: [...(await activity.ofPerson(identity))] };
    response.json(answer);
  });
  router.get('/api/v1/admin/activity', async (request, response) => {
    requireAdministrator(request, services);
    const parsed = adminActivityQuery.safeParse(request.query);
    if (!parsed.success) throw new BrokerError('bad_request', 'days, user and idp do not fit');
    const { days, user, idp } = parsed.data;
    if ((user === undefined) !== (idp === undefined)) throw new BrokerError('bad_request', 'give both user and idp');
    const person = user !== undefined && idp !== undefined ? { user, idp } : undefined;
    const { days: perDay, entries } = await look(services, request, days, person);
    const answer: AdminActivity = { days: perDay.map(toDay), ...(entries && { entries: [...entries] }) };
    response.json(answer);
  });
  return router;
}

/** Each look at other people's activity leaves a record before it is answered. @throws BrokerError audit_unavailable or store_unavailable */
async function look(
  { activity, audit, clock }: Services,
  request: Request,
  days: number,
  person: { readonly user: string; readonly idp: string } | undefined,
) {
  const { identity } = requireSession(request, clock.now());
  const facts = { idp: identity.idp, user: identity.user, about: person?.user, aboutIdp: person?.idp, days };
  await audit.record({ event: 'activity_viewed', ...facts }, requestFacts(request));
  const [perDay, entries] = await Promise.all([activity.perDay(days), person && activity.ofPerson(person)]);
  return { days: perDay, entries };
}

function toDay({ roles, ...day }: ActivityDay): AdminActivity['days'][number] {
  const counts = Object.entries(roles).map(([roleArn, count]) => ({ roleArn, count }));
  return { ...day, roles: counts.sort((a, b) => b.count - a.count) };
}
