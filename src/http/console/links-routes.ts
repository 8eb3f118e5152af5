// The page that makes console links, and the list of one's own. The form is sent by GET: the page can be linked to, half
// filled.
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { EligibleRole } from '../../access/model.ts';
import { consoleServices, type ServiceName, serviceNames } from '../../aws/console-services.ts';
import type { Partition } from '../../aws/partitions.ts';
import { suggestedRegions } from '../../aws/regions.ts';
import { type Services, signedInSession } from '../context.ts';
import type { FrameOf } from '../page/page-context.ts';
import { rolesOf } from '../portal/session-roles.ts';
import { loginUrl, maxPathLength } from '../sign-in/return-to.ts';
import { type ConsolePlace, consoleLinkUrl, placeUrl, roleReference } from './console-link.ts';
import { linkListPage } from './link-list-page.ts';
import { type LinkProblem, type LinksView, type LinkWish, linksPage } from './links-page.ts';

export function linksRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const { config, clock } = services;
  router.get('/links', (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const view = viewOf(request, rolesOf(session, services), services);
    const regions = suggestedRegions(config.aws.partition.name);
    return response.type('html').send(linksPage(frameOf(request), session, { ...view, regions }));
  });
  router.get('/links/list', (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    return response.type('html').send(linkListPage(frameOf(request), session, rolesOf(session, services)));
  });
  return router;
}

// What cannot be read counts as not given: this page helps, it does not refuse.
const text = z.string().trim().max(2048).catch('');
const query = z.object({
  role: text,
  scope: z.enum(['role', 'account']).catch('role'),
  service: text,
  destination: text,
  region: text,
});

function viewOf(
  request: Request,
  roles: readonly EligibleRole[],
  { config, console: { partition } }: Services,
): Omit<LinksView, 'regions'> {
  const wish: LinkWish = query.parse(request.query);
  if (wish.role === '') return { roles, wish, problems: [], made: undefined };
  const role = roles.find(({ roleArn }) => roleArn === wish.role);
  const place = placeOf(wish);
  const problems = problemsOf(wish, role, place, partition);
  if (role === undefined || problems.length > 0) return { roles, wish, problems, made: undefined };
  const isOfRole = wish.scope === 'role';
  const url = consoleLinkUrl(config.baseUrl, isOfRole ? roleReference(role) : role.account.alias, place);
  // A sign-in would lose it.
  if (url.length - config.baseUrl.length > maxPathLength) return { roles, wish, problems: ['long'], made: undefined };
  const service = place.service === undefined ? [] : [consoleServices[place.service].name];
  return {
    roles,
    wish,
    problems,
    made: { url, names: [role.account.name, ...(isOfRole ? [role.roleName] : []), ...service] },
  };
}

function placeOf({ service, destination, region }: LinkWish): ConsolePlace {
  return {
    service: isService(service) ? service : undefined,
    destination: destination === '' ? undefined : destination,
    region: region === '' ? undefined : region,
  };
}

function problemsOf(
  wish: LinkWish,
  role: EligibleRole | undefined,
  place: ConsolePlace,
  partition: Partition,
): LinkProblem[] {
  const region = place.region ?? partition.firstRegion;
  const isRegion = partition.regionForm.test(region);
  const isBoth = wish.service !== '' && place.destination !== undefined;
  const destination = { destination: place.destination };
  return [
    ...(role === undefined ? (['role'] as const) : []),
    ...(wish.service !== '' && !isService(wish.service) ? (['service'] as const) : []),
    ...(isRegion ? [] : (['region'] as const)),
    ...(isBoth ? (['both'] as const) : []),
    ...(placeUrl(destination, partition.firstRegion, partition) === undefined ? (['destination'] as const) : []),
  ];
}

function isService(name: string): name is ServiceName {
  return serviceNames.some((each) => each === name);
}
