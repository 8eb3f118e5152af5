// The page that makes console links, and the list of the person's links. The form is sent by GET: the page can be linked to, half
// filled.
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { EligibleRole } from '../../access/model.ts';
import { consoleServices, type ServiceName, serviceNames } from '../../aws/console-services.ts';
import { consoleDestination, consoleHosts } from '../../aws/destination.ts';
import type { Partition } from '../../aws/partitions.ts';
import { suggestedRegions } from '../../aws/regions.ts';
import type { Config } from '../../config/config.ts';
import { roleReference } from '../../wire/role-arn.ts';
import { type Services, signedInSession } from '../context.ts';
import { loginUrl, maxPathLength } from '../page/return-to.ts';
import { rolesOf } from '../portal/session-roles.ts';
import { type ConsoleTarget, consoleLinkUrl, otherAccountIn, targetUrl } from './console-link.ts';
import { linkListPage } from './link-list-page.ts';
import { type LinkFields, type LinkProblem, type LinksView, linksPage } from './links-page.ts';

export function linksRoutes(services: Services): Router {
  const router = Router();
  const { config, clock } = services;
  router.get('/links', (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const view = viewOf(request, rolesOf(request, session, services), config);
    return response.type('html').send(linksPage(services.pageContext(request), session, view));
  });
  router.get('/links/list', (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    return response
      .type('html')
      .send(linkListPage(services.pageContext(request), session, rolesOf(request, session, services)));
  });
  return router;
}

// What cannot be read counts as not given: this page helps, it does not refuse.
const text = z.string().trim().max(2048).catch('');
const linkQuery = z.object({
  role: text,
  scope: z.enum(['role', 'account']).catch('role'),
  service: text,
  destination: text,
  region: text,
});

function viewOf(request: Request, roles: readonly EligibleRole[], { baseUrl, aws: { partition } }: Config): LinksView {
  const link = linkQuery.parse(request.query);
  const view: LinksView = {
    roles,
    regions: suggestedRegions(partition.name),
    consoleHosts: consoleHosts(partition),
    link,
    problems: [],
    made: undefined,
  };
  if (link.role === '') return view;
  const role = roles.find(({ roleArn }) => roleArn === link.role);
  const { service, destination, region } = link;
  const target: ConsoleTarget = {
    service: isService(service) ? service : undefined,
    // As it will be opened: without the account of the console that it was copied from.
    destination: destination.startsWith('/') ? destination : plainAddress(destination, partition),
    region: region === '' ? undefined : region,
  };
  const problems = problemsOf(link, role, target, partition);
  if (role === undefined || problems.length > 0) return { ...view, problems };
  const { account, roleArn, roleName } = role;
  const isOfRole = link.scope === 'role';
  const url = consoleLinkUrl(baseUrl, isOfRole ? roleReference(roleArn, account.alias) : account.alias, target);
  // A sign-in would lose it.
  if (url.length - baseUrl.length > maxPathLength) return { ...view, problems: ['long'] };
  const serviceName = target.service === undefined ? [] : [consoleServices[target.service].name];
  const otherAccount = otherAccountIn(destination, role, partition);
  return {
    ...view,
    made: { url, names: [account.name, ...(isOfRole ? [roleName] : []), ...serviceName], otherAccount },
  };
}

function plainAddress(destination: string, partition: Partition): string | undefined {
  if (destination === '') return undefined;
  return consoleDestination(destination, partition.firstRegion, partition) ?? destination;
}

function problemsOf(
  link: LinkFields,
  role: EligibleRole | undefined,
  { destination, region }: ConsoleTarget,
  partition: Partition,
): LinkProblem[] {
  const isRegion = partition.regionForm.test(region ?? partition.firstRegion);
  const isOnConsole = targetUrl({ destination }, partition.firstRegion, partition) !== undefined;
  const problems: Record<Exclude<LinkProblem, 'long'>, boolean> = {
    role: role === undefined,
    service: link.service !== '' && !isService(link.service),
    region: !isRegion,
    both: link.service !== '' && destination !== undefined,
    destination: !isOnConsole,
  };
  return (Object.keys(problems) as (keyof typeof problems)[]).filter((problem) => problems[problem]);
}

function isService(name: string): name is ServiceName {
  return serviceNames.some((each) => each === name);
}
