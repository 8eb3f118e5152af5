// The OpenAPI 3.1 document of the JSON API, made from the schemas that the code itself uses.
import * as z from 'zod';
import { activity, adminActivity, adminActivityQuery } from './activity.ts';
import {
  administeredCredentials,
  administeredSessions,
  sessionsEnded,
  sessionsEndQuery,
  sessionsQuery,
} from './administration.ts';
import {
  consoleHandle,
  consoleHandleRequest,
  consoleUrl,
  consoleUrlRequest,
  credentials,
  credentialsRequest,
  favouritesRequest,
  grantsEnded,
  me,
  preferences,
  problem,
  roles,
  rolesQuery,
} from './api.ts';

const schemas = {
  Me: me,
  Roles: roles,
  CredentialsRequest: credentialsRequest,
  Credentials: credentials,
  ConsoleUrlRequest: consoleUrlRequest,
  ConsoleUrl: consoleUrl,
  ConsoleHandleRequest: consoleHandleRequest,
  ConsoleHandle: consoleHandle,
  FavouritesRequest: favouritesRequest,
  Preferences: preferences,
  GrantsEnded: grantsEnded,
  AdministeredSessions: administeredSessions,
  AdministeredCredentials: administeredCredentials,
  SessionsEnded: sessionsEnded,
  Activity: activity,
  AdminActivity: adminActivity,
  Problem: problem,
} as const;
type SchemaName = keyof typeof schemas;

const problemAnswer = { description: 'A problem', content: content('application/problem+json', 'Problem') };

/** @param baseUrl origin of the broker */
export function openApiDocument(baseUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rolegate',
      version: '1',
      description: 'AWS roles, temporary credentials and console sign-in for the signed-in user.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: baseUrl }],
    security: [{ session: [] }, { token: [] }, { boundToken: [] }],
    tags: [
      { name: 'person', description: 'The signed-in user' },
      { name: 'access', description: 'Roles, credentials and consoles' },
      { name: 'administration', description: 'Activity, sessions and credentials of all users, for administrators' },
    ],
    paths: {
      ...personPaths(),
      ...administrationPaths(),
    },
    components: {
      securitySchemes: securitySchemes(baseUrl),
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema)])),
    },
  };
}

function personPaths() {
  return {
    '/api/v1/me': { get: operation('getMe', 'person', 'The signed-in user', 'Me') },
    '/api/v1/roles': {
      get: filtered(operation('listRoles', 'access', 'The roles that the user has now', 'Roles'), rolesQuery),
    },
    '/api/v1/preferences': {
      get: operation('getPreferences', 'person', 'Favourite and recently used roles', 'Preferences'),
    },
    '/api/v1/preferences/favourites': {
      put: operation('setFavourites', 'person', 'Replaces all favourites', 'Preferences', 'FavouritesRequest'),
    },
    '/api/v1/grants': {
      delete: operation('endGrants', 'person', 'Ends all CLI sessions of the user', 'GrantsEnded'),
    },
    '/api/v1/activity': {
      get: operation('listActivity', 'person', 'Activity of the user in the last 30 days', 'Activity'),
    },
    '/api/v1/credentials': {
      post: operation(
        'createCredentials',
        'access',
        'Temporary credentials for a role',
        'Credentials',
        'CredentialsRequest',
      ),
    },
    '/api/v1/console-url': {
      post: operation(
        'createConsoleUrl',
        'access',
        'A URL that signs in to the AWS console',
        'ConsoleUrl',
        'ConsoleUrlRequest',
      ),
    },
    '/api/v1/console-handles': {
      post: operation(
        'createConsoleHandle',
        'access',
        'A one-time handle with which a CLI session opens a console link without confirmation',
        'ConsoleHandle',
        'ConsoleHandleRequest',
      ),
    },
  };
}

function securitySchemes(baseUrl: string) {
  return {
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: baseUrl.startsWith('https:') ? '__Host-rolegate' : 'rolegate',
      description:
        "The session's cookie. POST, PUT and DELETE requests also need an Origin header equal to the server's origin.",
    },
    token: {
      type: 'http',
      scheme: 'bearer',
      description: 'An access token of the command line (/.well-known/oauth-authorization-server). It needs no Origin.',
    },
    boundToken: {
      type: 'http',
      scheme: 'DPoP',
      description:
        'An access token that is bound to a key, with a proof in the header DPoP that has the nonce of the header DPoP-Nonce (RFC 9449).',
    },
  };
}

function jsonSchema(schema: z.ZodType) {
  const { $schema: _version, ...rest } = z.toJSONSchema(schema);
  return rest;
}

function administrationPaths() {
  const others = { 403: problemAnswer, 404: { ...problemAnswer, description: 'Not an administrator' } };
  const guarded = (plain: ReturnType<typeof operation>, query: z.ZodObject) => {
    const answers = { ...plain.responses, 400: problemAnswer, ...others };
    return { ...plain, parameters: parametersOf(query), responses: answers };
  };
  const of = (id: string, summary: string, answer: SchemaName) => operation(id, 'administration', summary, answer);
  const activitySummary = 'Counters for each day, and the activity of one user';
  return {
    '/api/v1/admin/activity': {
      get: guarded(of('getAdminActivity', activitySummary, 'AdminActivity'), adminActivityQuery),
    },
    '/api/v1/admin/sessions': {
      get: guarded(of('listSessions', 'Live sessions, the newest 1,000', 'AdministeredSessions'), sessionsQuery),
      delete: guarded(of('endSessions', 'Ends sessions in all processes', 'SessionsEnded'), sessionsEndQuery),
    },
    '/api/v1/admin/credentials': {
      get: guarded(
        of('listIssuedCredentials', 'Issued credentials that are still valid at AWS', 'AdministeredCredentials'),
        sessionsQuery,
      ),
    },
  };
}

/** With each member of the query's schema as a parameter; others are refused. */
function filtered<T extends { readonly responses: object }>(plain: T, query: z.ZodObject) {
  const unchanged = { description: 'The list with the ETag of If-None-Match still holds' };
  return {
    ...plain,
    parameters: parametersOf(query),
    responses: { ...plain.responses, 304: unchanged, 400: problemAnswer },
  };
}

function parametersOf(query: z.ZodObject) {
  return Object.entries(query.shape).map(([name, member]) => {
    const { description, ...schema } = jsonSchema(member as z.ZodType);
    return { name, in: 'query', required: false, description, schema };
  });
}

function operation(operationId: string, tag: string, summary: string, answer: SchemaName, body?: SchemaName) {
  const refusals = body ? ['400', '401', '403', '415', '502', '503'] : ['401', '503'];
  return {
    operationId,
    summary,
    tags: [tag],
    ...(body ? { requestBody: { required: true, content: content('application/json', body) } } : {}),
    responses: {
      200: { description: summary, content: content('application/json', answer) },
      ...Object.fromEntries(refusals.map((status) => [status, problemAnswer])),
    },
  };
}

function content(type: string, name: SchemaName) {
  return { [type]: { schema: { $ref: `#/components/schemas/${name}` } } };
}
