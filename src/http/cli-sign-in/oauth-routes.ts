// The authorization server's addresses, dispatched to by path and not mounted under a prefix; what it says of itself
// (RFC 8414); and the page from which the code of `login --remote` is copied.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { BrokerError } from '../../errors.ts';
import { allowsRemoteLogin, decisionPath, oauthRoutes as paths } from '../../oauth/routes.ts';
import { type AuthorizationServer, cliScope, type decisionAnswer, remoteRedirectPath } from '../../wire/oauth.ts';
import { requestFacts, type Services } from '../context.ts';
import { ensureLoginCookie } from '../middleware/cookies.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { browserSecrets } from './browser-secrets.ts';
import { remoteCodePage, remoteFailedPage } from './confirm-page.ts';

/** RFC 9126 has no limit; a request of our command line is under 1 KB. */
const maxBodyBytes = 8192;

const decisionForm = z.object({
  request_uri: z.string().max(200),
  // RFC 7636 §4.1.
  code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
});

export function oauthRoutes(services: Services): Router {
  const router = Router();
  const { authorizationServer, config, pageContext } = services;
  if (!authorizationServer) return router;
  const onlyClients: RequestHandler = (request, response, next) => {
    if (request.method === 'POST' && request.get('origin') !== undefined) {
      throw new BrokerError('forbidden_origin', 'a request with an Origin is not from the command line');
    }
    const length = Number(request.get('content-length') ?? 0);
    if (length > maxBodyBytes || request.get('transfer-encoding') !== undefined) {
      // Not the page of the error handler: RFC 6749 §5.2, the client reads JSON.
      const error_description = 'the body of an OAuth request is too large, or does not say its length';
      services.log.warn({ requestId: request.requestId, code: 'too_large' }, error_description);
      return response
        .status(413)
        .set('Cache-Control', 'no-store')
        .json({ error: 'invalid_request', error_description });
    }
    return next();
  };
  const answer: RequestHandler = (request, response) =>
    authorizationServer.answer(request, response, requestFacts(request), browserSecrets(services, request));
  /** The browser that comes here first is the one that confirms and goes on. */
  const begin: RequestHandler = (request, response) => {
    const login = ensureLoginCookie(request, response, config, services.random);
    const browser = { ...browserSecrets(services, request), login };
    return authorizationServer.answer(request, response, requestFacts(request), browser);
  };
  const document = discovery(config);
  router.get('/.well-known/oauth-authorization-server', (_request, response) => {
    response.json(document);
  });
  router.get(paths.authorization, begin);
  router.get(`${paths.authorization}/:uid`, answer);
  if (config.cliSignIn.requireDpop)
    router.post([paths.pushed_authorization_request, paths.token], refuseOutdated(config));
  const forClients = [paths.pushed_authorization_request, paths.token, paths.revocation, paths.introspection];
  router.post(forClients, onlyClients, answer);
  router.post(decisionPath, onlyClients, urlencoded({ extended: false, limit: '1kb' }), async (request, response) => {
    const { request_uri, code_verifier } = parseForm(decisionForm, request.body);
    const detail = await authorizationServer.refusal(request_uri, code_verifier);
    const body: z.output<typeof decisionAnswer> =
      detail === undefined ? { decision: 'pending' } : { decision: 'denied', detail };
    response.set('Cache-Control', 'no-store').json(body);
  });
  if (allowsRemoteLogin(config)) {
    router.get(remoteRedirectPath, (request, response) => {
      const { code, state } = request.query;
      const isCode = [code, state].every((part) => typeof part === 'string' && /^[\w.~-]{1,200}$/.test(part));
      const context = pageContext(request, '/');
      // The line that the command line takes: RFC 6749 §10.12 wants the state back with the code.
      response.type('html').send(isCode ? remoteCodePage(context, `${code}.${state}`) : remoteFailedPage(context));
    });
  }
  return router;
}

/** A version that knows no proofs shows the description, and so says what to do. RFC 6749 §5.2. */
function refuseOutdated({ baseUrl }: Config): RequestHandler {
  return (request, response, next) => {
    if (request.get('dpop') !== undefined) return next();
    const error_description = `this broker asks for a newer rolegate: get it at ${baseUrl}/cli`;
    return response.status(400).set('Cache-Control', 'no-store').json({ error: 'invalid_request', error_description });
  };
}

function discovery(config: Config): AuthorizationServer & Readonly<Record<string, unknown>> {
  const { baseUrl, portal, aws } = config;
  return {
    issuer: baseUrl,
    authorization_endpoint: baseUrl + paths.authorization,
    token_endpoint: baseUrl + paths.token,
    pushed_authorization_request_endpoint: baseUrl + paths.pushed_authorization_request,
    revocation_endpoint: baseUrl + paths.revocation,
    introspection_endpoint: baseUrl + paths.introspection,
    require_pushed_authorization_requests: true,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
    dpop_signing_alg_values_supported: ['ES256'],
    scopes_supported: [cliScope],
    rolegate: {
      name: portal.name,
      partition: aws.partition.name,
      region: aws.region,
      remoteLogin: allowsRemoteLogin(config),
      decisionEndpoint: baseUrl + decisionPath,
    },
  };
}
