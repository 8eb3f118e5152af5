// The JSON API. Cookie and same origin; every answer is a document of wire/api.ts or a problem.
import { type RequestHandler, Router } from 'express';
import type { z } from 'zod';
import { filterRoles } from '../../access/find-role.ts';
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly, resolveRoles } from '../../access/resolve.ts';
import { serviceNames } from '../../aws/console-services.ts';
import { credentialProcessDocument } from '../../aws/credential-formats.ts';
import { grantedRole, issueCredentials } from '../../broker/credentials/issue-credentials.ts';
import { type ConsoleWish, consolePlace, openConsole } from '../../broker/credentials/open-console.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import {
  type ConsoleUrl,
  type ConsoleUrlRequest,
  type Credentials,
  consoleUrlRequest,
  credentialsRequest,
  type Me,
  type RoleEntry,
  type Roles,
  rolesQuery,
} from '../../wire/api.ts';
import { openApiDocument } from '../../wire/openapi.ts';
import { consoleLinkUrl, placeUrl, roleReference } from '../console/console-link.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { findSessionPolicy } from '../credentials/session-policy.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { rolesOf } from '../portal/session-roles.ts';

export function apiRoutes(services: Services): Router {
  const router = Router();
  const { config, clock } = services;
  const write = jsonBody(config.baseUrl);
  router.get('/api/v1/me', (request, response) => {
    const { identity, expiresAt } = requireSession(request, clock.now());
    const { user, displayName, idp } = identity;
    const me: Me = { user, displayName, identityProvider: idp, expiresAt: new Date(expiresAt).toISOString() };
    response.json(me);
  });
  router.get('/api/v1/roles', (request, response) => {
    const { identity } = requireSession(request, clock.now());
    const wanted = parse(rolesQuery, request.query);
    const found = filterRoles(wanted, resolveRoles(identity, config.policy, clock.now()));
    const roles: Roles = { roles: found.map((role) => toEntry(role, config.baseUrl)) };
    response.json(roles);
  });
  const document = openApiDocument(config.baseUrl);
  router.get('/api/v1/openapi.json', (_request, response) => {
    response.json(document);
  });
  router.post('/api/v1/credentials', write, postCredentials(services));
  router.post('/api/v1/console-url', write, postConsoleUrl(services));
  return router;
}

function postCredentials(services: Services): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn, durationSeconds, policy, sessionPolicy } = parse(credentialsRequest, request.body);
    if (policy !== undefined && sessionPolicy !== undefined) {
      throw new BrokerError('bad_request', 'policy and sessionPolicy exclude each other');
    }
    const preset = findSessionPolicy(sessionPolicy, services.config.portal);
    const issued = await issueCredentials(services.console, {
      session,
      roleArn,
      durationSeconds,
      policy: preset?.policy ?? policy,
      sessionPolicy: preset?.id,
      purpose: 'credentials',
      request: requestFacts(request),
    });
    const answer: Credentials = {
      ...credentialProcessDocument(issued.credentials),
      RoleArn: issued.role.roleArn,
      AssumedRoleArn: issued.assumedRoleArn,
      DurationSeconds: issued.durationSeconds,
      DurationLimitedBy: issued.durationLimitedBy,
    };
    response.json(answer);
  };
}

function postConsoleUrl(services: Services): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { service, signOutFirst = false, ...asked } = parse(consoleUrlRequest, request.body);
    const wish = {
      ...asked,
      session,
      durationSeconds: asked.durationSeconds,
      destination: service === undefined ? asked.destination : servicePlace(service, asked, session, services),
      region: asked.region,
      signOutFirst,
      request: requestFacts(request),
    };
    const isOurs = rolesOf(session, services).some((role) => role.roleArn === asked.roleArn && isConsoleOnly(role));
    if (isOurs) {
      response.json(await ownConsoleLink(services, wish));
      return;
    }
    const opened = await openConsole(services.console, wish);
    const answer: ConsoleUrl = {
      url: opened.url,
      expiresAt: opened.expiresAt.toISOString(),
      sessionExpiresAt: opened.sessionExpiresAt.toISOString(),
    };
    response.json(answer);
  };
}

/** Only a browser can post to AWS: the link leads it to the page that does. @throws BrokerError as postConsole */
async function ownConsoleLink({ config, console: deps }: Services, wish: ConsoleWish): Promise<ConsoleUrl> {
  const role = await grantedRole(deps, wish);
  const { destination, region, session } = wish;
  consolePlace(destination, region ?? role.region, deps.partition);
  return {
    url: consoleLinkUrl(config.baseUrl, roleReference(role, 'id'), { destination, region }),
    expiresAt: new Date(session.expiresAt).toISOString(),
  };
}

/** @throws BrokerError bad_request */
function servicePlace(
  service: string,
  { roleArn, destination, region }: ConsoleUrlRequest,
  session: SignedInSession,
  services: Services,
): string {
  const { partition } = services.console;
  const name = serviceNames.find((each) => each === service);
  const own = rolesOf(session, services).find((role) => role.roleArn === roleArn)?.region;
  const place = { service: name, destination, region };
  const isRegion = region === undefined || partition.regionForm.test(region);
  const url = name && isRegion && placeUrl(place, own ?? partition.firstRegion, partition);
  if (!url) throw new BrokerError('bad_request', 'no such service or region, or a destination besides the service');
  return url;
}

function toEntry(role: EligibleRole, baseUrl: string): RoleEntry {
  return {
    roleArn: role.roleArn,
    accountId: role.account.id,
    accountAlias: role.account.alias,
    accountName: role.account.name,
    environment: role.account.environment ?? null,
    roleName: role.roleName,
    maxDurationSeconds: role.maxDurationSeconds,
    rule: role.rule,
    consoleOnly: isConsoleOnly(role),
    stepUp: role.stepUp ? { reason: role.stepUp.reason } : null,
    accountLabels: [...role.account.labels],
    accountOwner: role.account.owner ?? null,
    description: role.description ?? null,
    region: role.region,
    // By id: an alias may change.
    consoleUrl: consoleLinkUrl(baseUrl, roleReference(role, 'id'), {}),
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || issue.code);
  throw new BrokerError('bad_request', `request does not fit: ${paths.join(', ').slice(0, 200)}`);
}
