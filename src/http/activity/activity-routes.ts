// Recent activity, as pages and as JSON: a person's own, and for administrators that of all.
import { Router } from 'express';
import type { ActivityDay } from '../../broker/activity/activity-day.ts';
import { BrokerError } from '../../errors.ts';
import { type Activity, type AdminActivity, adminActivityQuery } from '../../wire/activity.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { requireAdministrator } from '../middleware/administrators.ts';
import { loginUrl } from '../page/return-to.ts';
import { activityPage } from './activity-page.ts';

export function activityRoutes(services: Services): Router {
  const router = Router();
  const { activity, audit, clock, config } = services;
  router.get('/activity', async (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const entries = await activity.ofPerson(session.identity);
    const view = { session, entries, policy: config.policy };
    return response.type('html').send(activityPage(services.pageContext(request), view));
  });
  router.get('/api/v1/activity', async (request, response) => {
    const { identity } = requireSession(request, clock.now());
    const answer: Activity = { entries: [...(await activity.ofPerson(identity))] };
    response.json(answer);
  });
  router.get('/api/v1/admin/activity', async (request, response) => {
    const { identity } = requireAdministrator(request, services);
    const parsed = adminActivityQuery.safeParse(request.query);
    if (!parsed.success) throw new BrokerError('bad_request', 'days, user and idp do not fit');
    const { days, user, idp } = parsed.data;
    if ((user === undefined) !== (idp === undefined)) throw new BrokerError('bad_request', 'give both user and idp');
    const person = user !== undefined && idp !== undefined ? { user, idp } : undefined;
    // Before the answer: each look at other people's activity leaves a record.
    const facts = { idp: identity.idp, user: identity.user, about: user, aboutIdp: idp, days };
    await audit.record({ event: 'activity_viewed', ...facts }, requestFacts(request));
    const [perDay, entries] = await Promise.all([activity.perDay(days), person && activity.ofPerson(person)]);
    const answer: AdminActivity = { days: perDay.map(toDay), ...(entries && { entries: [...entries] }) };
    response.json(answer);
  });
  return router;
}

function toDay({ roles, ...day }: ActivityDay): AdminActivity['days'][number] {
  const counts = Object.entries(roles).map(([roleArn, count]) => ({ roleArn, count }));
  return { ...day, roles: counts.sort((a, b) => b.count - a.count) };
}
