// The JSON API. Cookie and same origin; every answer is a document of wire/api.ts or a problem.
import { createHash } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import type { z } from 'zod';
import { filterRoles } from '../../access/find-role.ts';
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import { serviceNames } from '../../aws/console-services.ts';
import { credentialProcessDocument } from '../../aws/credential-formats.ts';
import type { Partition } from '../../aws/partitions.ts';
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
import { roleReference } from '../../wire/role-arn.ts';
import { consoleLinkUrl, targetUrl } from '../console/console-link.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { findSessionPolicy } from '../credentials/session-policy.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { sendLarge } from '../page/send-large.ts';
import { requestedRole, rolesOf } from '../portal/session-roles.ts';

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
  router.get('/api/v1/roles', async (request, response) => {
    const session = requireSession(request, clock.now());
    const query = parse(rolesQuery, request.query);
    const found = filterRoles(query, rolesOf(request, session, services));
    const roles: Roles = { roles: found.map((role) => toEntry(role, config.baseUrl)) };
    const text = JSON.stringify(roles);
    const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    // A client may keep the list, and asks each time whether it still holds. Weak: it is the same list however compressed.
    response.set({ ETag: `W/"${digest}"`, 'Cache-Control': 'private, no-cache' }).vary('Cookie, Authorization');
    if (request.fresh) return void response.status(304).end();
    return sendLarge(request, response, 'json', text);
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
    const requested = requestedRole(
      request,
      { session, roles: rolesOf(request, session, services), roleArn },
      services,
    );
    const options = { durationSeconds, policy: preset?.policy ?? policy, sessionPolicy: preset?.id } as const;
    const issued = await services.credentials.issue(
      requested,
      { ...options, purpose: 'credentials' },
      requestFacts(request),
    );
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
  const { config, console } = services;
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const body = parse(consoleUrlRequest, request.body);
    const { roleArn, region, durationSeconds, signOutFirst = false } = body;
    const requested = requestedRole(
      request,
      { session, roles: rolesOf(request, session, services), roleArn },
      services,
    );
    const { role } = requested;
    const destination = destinationOf(body, role?.region, config.aws.partition);
    const options = { destination, region, durationSeconds, signOutFirst };
    if (role && isConsoleOnly(role)) {
      // Only a browser can post to AWS: the link leads it to the page that does.
      await console.checkPost(requested, options, requestFacts(request));
      const link: ConsoleUrl = {
        url: consoleLinkUrl(config.baseUrl, roleReference(roleArn), { destination, region }),
        expiresAt: new Date(session.expiresAt).toISOString(),
      };
      response.json(link);
      return;
    }
    const opened = await console.open(requested, options, requestFacts(request));
    const answer: ConsoleUrl = {
      url: opened.url,
      expiresAt: opened.expiresAt.toISOString(),
      sessionExpiresAt: opened.sessionExpiresAt.toISOString(),
    };
    response.json(answer);
  };
}

/** A service's address, or the destination as it was sent. @throws BrokerError bad_request */
function destinationOf(
  { service, destination, region }: ConsoleUrlRequest,
  accountRegion: string | undefined,
  partition: Partition,
): string | undefined {
  if (service === undefined) return destination;
  const name = serviceNames.find((each) => each === service);
  const isRegion = region === undefined || partition.regionForm.test(region);
  const target = { service: name, destination, region };
  const url = name && isRegion && targetUrl(target, accountRegion ?? partition.firstRegion, partition);
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
    consoleUrl: consoleLinkUrl(baseUrl, roleReference(role.roleArn), {}),
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || issue.code);
  throw new BrokerError('bad_request', `request does not fit: ${paths.join(', ').slice(0, 200)}`);
}
