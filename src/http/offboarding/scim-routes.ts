// SCIM for offboarding (RFC 7644): a provisioning client sets `active: false` or deletes a user, and that person's access ends.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type ErrorRequestHandler, json, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Signal } from '../../broker/offboarding/offboarding.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { errorTable } from '../middleware/error-table.ts';
import { giveBackCost } from '../middleware/rate-limit.ts';
import {
  filteredName,
  idOf,
  listOf,
  nameOf,
  patchedActive,
  providerConfig,
  readUser,
  ScimError,
  scimError,
  userResource,
} from './scim-users.ts';

type Client = Services['config']['offboarding']['scimClients'][number];

const maxBodyBytes = 64 * 1024;

export function scimRoutes(services: Services): Router {
  const router = Router();
  const { scimClients } = services.config.offboarding;
  if (scimClients.length === 0) return router;
  const { baseUrl } = services.config;
  const body = json({ type: ['application/scim+json', 'application/json'], limit: maxBodyBytes });
  router.use('/scim/v2', authenticate(services), body);
  router.get('/scim/v2/ServiceProviderConfig', (_request, response) => send(response, 200, providerConfig(baseUrl)));
  addUsers(router, services);
  router.use('/scim/v2', () => {
    throw new BrokerError('not_found', 'no such SCIM endpoint');
  });
  router.use('/scim/v2', answerScimError(services));
  return router;
}

function addUsers(router: Router, services: Services): void {
  const { stateOf, existing, signal, setActive, sendUser } = usersOf(services);
  router.get('/scim/v2/Users', async (request, response) => {
    const { filter } = request.query;
    // Without a filter RFC 7644 §3.4.2 wants all users: the broker knows none by itself.
    if (filter === undefined) return send(response, 200, listOf([]));
    const name = filteredName(filter);
    const state = await stateOf(response, name);
    const found = state === 'deleted' ? [] : [userResource(name, state === 'enabled', services.config.baseUrl)];
    return send(response, 200, listOf(found));
  });
  router.post('/scim/v2/Users', async (request, response) => {
    const { userName, active = true } = readUser(request.body);
    if ((await stateOf(response, userName)) !== 'deleted')
      throw new ScimError('uniqueness', `the user is there already, with the id ${idOf(userName)}`);
    await setActive(request, response, userName, active);
    await sendUser(response, userName, 201);
  });
  router.get('/scim/v2/Users/:id', async (request, response) => {
    await sendUser(response, await existing(request, response));
  });
  router.put('/scim/v2/Users/:id', async (request, response) => {
    const name = await existing(request, response);
    const { userName, active } = readUser(request.body);
    if (userName !== name) throw new ScimError('mutability', 'userName cannot change');
    await setActive(request, response, name, active);
    await sendUser(response, name);
  });
  router.patch('/scim/v2/Users/:id', async (request, response) => {
    const name = await existing(request, response);
    await setActive(request, response, name, patchedActive(request.body));
    await sendUser(response, name);
  });
  router.delete('/scim/v2/Users/:id', async (request, response) => {
    await signal(request, response, await existing(request, response), 'account-deleted');
    response.status(204).end();
  });
}

/** What a client that `authenticate` let through reads and changes. */
function usersOf({ config, clock, offboarding }: Services) {
  const clientOf = (response: Response) => response.locals['scimClient'] as Client;
  const stateOf = (response: Response, user: string) =>
    offboarding.stateOf({ idp: clientOf(response).identityProvider, user });
  const signal = (request: Request, response: Response, user: string, kind: Signal['kind']) => {
    const { id, identityProvider: idp } = clientOf(response);
    return offboarding.carryOut({ kind, idp, user, by: `scim:${id}`, occurredAt: clock.now() }, requestFacts(request));
  };
  return {
    stateOf,
    signal,
    /** @throws BrokerError not_found for a user that was deleted */
    existing: async (request: Request, response: Response) => {
      const name = nameOf(String(request.params['id']));
      if ((await stateOf(response, name)) === 'deleted') throw new BrokerError('not_found', 'the user was deleted');
      return name;
    },
    setActive: async (request: Request, response: Response, name: string, isActive: boolean | undefined) => {
      if (isActive === undefined) return;
      await signal(request, response, name, isActive ? 'account-enabled' : 'account-disabled');
    },
    sendUser: async (response: Response, name: string, status = 200) => {
      const isActive = (await stateOf(response, name)) === 'enabled';
      send(response, status, userResource(name, isActive, config.baseUrl));
    },
  };
}

function send(response: Response, status: number, body: object): void {
  response.status(status).type('application/scim+json').send(JSON.stringify(body));
}

/** Every digest is compared, each in constant time. A request that passes costs nothing of the limit. */
function authenticate({ config, offboarding }: Services): RequestHandler {
  return async (request, response, next) => {
    const [, token = ''] = /^bearer ([\x21-\x7e]{1,4096})$/i.exec(request.get('authorization') ?? '') ?? [];
    const digest = createHash('sha256').update(token).digest();
    const [client] = config.offboarding.scimClients.filter(({ tokenDigest }) => timingSafeEqual(tokenDigest, digest));
    if (!client) {
      const refusal = new BrokerError('unauthenticated', 'the bearer token is of no SCIM client');
      await offboarding.recordRefusal('scim', refusal, requestFacts(request));
      throw refusal;
    }
    response.locals['scimClient'] = client;
    giveBackCost(response);
    next();
  };
}

/** RFC 7644 §3.12. The exact reason is in the log. */
function answerScimError({ log }: Services): ErrorRequestHandler {
  return (error, request, response, next) => {
    const { requestId } = request;
    const refuse = (status: number, detail: string, scimType?: string) =>
      send(response, status, scimError(status, detail, scimType));
    if (error instanceof ScimError) {
      log.warn({ requestId, code: 'offboarding_refused', scimType: error.scimType }, error.message);
      return refuse(error.scimType === 'uniqueness' ? 409 : 400, error.message, error.scimType);
    }
    const { status: parsed } = error as { status?: unknown };
    if (!(error instanceof BrokerError)) {
      if (typeof parsed !== 'number' || parsed >= 500) return next(error);
      return refuse(parsed, 'the body cannot be read', 'invalidSyntax');
    }
    const { status, retryAfterSeconds } = errorTable[error.code];
    log[status >= 500 ? 'error' : 'warn']({ requestId, code: error.code, ...error.details }, error.message);
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
    const words: Partial<Record<number, string>> = { 401: 'a valid bearer token is required', 404: 'not found' };
    return refuse(status, words[status] ?? 'try again later');
  };
}
