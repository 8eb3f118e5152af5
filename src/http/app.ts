// The public Express app: what a request passes, in order.
import { fileURLToPath } from 'node:url';
import express, { type Express, type RequestHandler } from 'express';
import { trustedNetworks } from '../config/trust-proxy.ts';
import { apiRoutes } from './api/api-routes.ts';
import { awsOidcRoutes } from './api/aws-oidc-routes.ts';
import { confirmRoutes } from './cli-sign-in/confirm-routes.ts';
import { cliDownloadRoutes } from './cli-sign-in/download-routes.ts';
import { grantsRoutes } from './cli-sign-in/grants-routes.ts';
import { oauthRoutes } from './cli-sign-in/oauth-routes.ts';
import { consoleRoutes } from './console/console-routes.ts';
import { linksRoutes } from './console/links-routes.ts';
import { requestFacts, type Services } from './context.ts';
import { credentialsRoutes } from './credentials/credentials-routes.ts';
import { bearer, unlessBearer } from './middleware/bearer.ts';
import { clientAddress, isTrustedPeer } from './middleware/client-address.ts';
import { answerError, notFound } from './middleware/errors.ts';
import { onlyHost } from './middleware/host.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { requestLog } from './middleware/request-log.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { createSessionMiddleware } from './middleware/session-middleware.ts';
import { preferencesRoutes } from './page/appearance-routes.ts';
import { brandRoutes } from './page/brand-routes.ts';
import { portalRoutes } from './portal/portal-routes.ts';
import { oidcRoutes } from './sign-in/oidc-routes.ts';
import { samlRoutes } from './sign-in/saml-routes.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import { signInAddress } from './sign-in/step-up.ts';
import { logoutRoutes } from './sign-out/logout-routes.ts';
import { sloRoutes } from './sign-out/slo-routes.ts';
import { whyRoutes } from './why/why-routes.ts';

/** Each feature keeps its scripts and styles beside its pages; all are served from one path. */
const assetFolders = ['./page/assets', './portal/assets', './credentials/assets', './console/assets', '../role-search'].map(
  (folder) => fileURLToPath(new URL(folder, import.meta.url)),
);

export function createApp(services: Services): Express {
  const { config, log, clock, random } = services;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const proxies = { networks: trustedNetworks(config.listen.trustProxy), hops: config.listen.trustProxyHops };
  app.set('trust proxy', isTrustedPeer(proxies));
  app.use(clientAddress(proxies), requestId(random), requestLog(log, clock));
  // Before the first thing that can refuse: its page needs them too.
  app.use(securityHeaders(config, config.aws.partition), onlyHost(config.baseUrl));
  app.use(brandRoutes(config), awsOidcRoutes(config));
  for (const folder of assetFolders) {
    app.use('/assets', express.static(folder, { index: false, setHeaders: cacheAsset }));
  }
  // Before the store is asked, and before a body is read.
  app.use(['/login', '/saml/acs', '/openid/callback'], signInLimit(services));
  app.use(['/oauth/par', '/oauth/authorize'], signInLimit(services, askingShare));
  app.use(['/oauth/token', '/oauth/revoke', '/oauth/introspect'], signInLimit(services));
  app.use(bearer(services), unlessBearer(createSessionMiddleware(services)));
  app.use(oauthRoutes(services), confirmRoutes(services), grantsRoutes(services), cliDownloadRoutes(services));
  app.use(samlRoutes(services), oidcRoutes(services), signInRoutes(services));
  app.use(sloRoutes(services), logoutRoutes(services), whyRoutes(services));
  app.use(apiRoutes(services), portalRoutes(services), credentialsRoutes(services));
  app.use(consoleRoutes(services), linksRoutes(services), preferencesRoutes(services));
  app.use(notFound(), answerError(services, signInAddress));
  return app;
}

/** Of the limit: what a request of a command line leaves in the store stays twice as long as a login, in two records. */
const askingShare = 1 / 5;

/** @returns a limit with buckets of its own */
function signInLimit({ config, clock, signIn }: Services, share = 1): RequestHandler {
  const { perMinute, burst } = config.limits.signIn;
  const limit = { perMinute: Math.ceil(perMinute * share), burst: Math.ceil(burst * share) };
  return rateLimit(limit, clock, (request, refusal) => signIn.recordRefusal(requestFacts(request), refusal));
}

function cacheAsset(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader('Cache-Control', 'public, max-age=300');
}
