// The public Express app: what a request passes, in order.
import { fileURLToPath } from 'node:url';
import express, { type Express, type Response } from 'express';
import { trustedNetworks } from '../config/trust-proxy.ts';
import { activityRoutes } from './activity/activity-routes.ts';
import { administrationRoutes } from './administration/administration-routes.ts';
import { apiRoutes } from './api/api-routes.ts';
import { awsOidcRoutes } from './api/aws-oidc-routes.ts';
import { createCliOffer } from './cli-sign-in/cli-offer.ts';
import { confirmRoutes } from './cli-sign-in/confirm-routes.ts';
import { cliDownloadRoutes } from './cli-sign-in/download-routes.ts';
import { grantsRoutes } from './cli-sign-in/grants-routes.ts';
import { oauthRoutes } from './cli-sign-in/oauth-routes.ts';
import { consoleHandleRoutes } from './console/console-handles.ts';
import { consoleRoutes } from './console/console-routes.ts';
import { linksRoutes } from './console/links-routes.ts';
import type { Services } from './context.ts';
import { credentialsRoutes } from './credentials/credentials-routes.ts';
import { componentsRoutes } from './development/components-routes.ts';
import { bearer, unlessBearer } from './middleware/bearer.ts';
import { clientAddress, isTrustedPeer } from './middleware/client-address.ts';
import { answerError, notFound } from './middleware/errors.ts';
import { onlyHost } from './middleware/host.ts';
import { limitRequests } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { requestLog } from './middleware/request-log.ts';
import { requestTime } from './middleware/request-time.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { createSessionMiddleware } from './middleware/session-middleware.ts';
import { traceRequest } from './middleware/trace-request.ts';
import { eventRoutes } from './offboarding/event-routes.ts';
import { scimRoutes } from './offboarding/scim-routes.ts';
import { appearanceRoutes } from './page/appearance-routes.ts';
import { brandRoutes } from './page/brand-routes.ts';
import { favouritesRoutes } from './portal/favourites-routes.ts';
import { portalRoutes } from './portal/portal-routes.ts';
import { sessionsRoutes } from './sessions/sessions-routes.ts';
import { oidcRoutes } from './sign-in/oidc-routes.ts';
import { samlRoutes } from './sign-in/saml-routes.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import { signInAddress } from './sign-in/step-up.ts';
import { logoutRoutes } from './sign-out/logout-routes.ts';
import { oidcLogoutRoutes } from './sign-out/oidc-logout-routes.ts';
import { sloRoutes } from './sign-out/slo-routes.ts';
import { whyRoutes } from './why/why-routes.ts';

/** Each feature keeps its scripts and styles beside its pages; all are served from one path. */
const assetFolders = ['./page/assets', './portal/assets', './credentials/assets', '../role-search'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

export function createApp(services: Services): Express {
  const { config, log, clock, random, startRequest, tracing } = services;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const proxies = { networks: trustedNetworks(config.listen.trustProxy), hops: config.listen.trustProxyHops };
  app.set('trust proxy', isTrustedPeer(proxies));
  const limit = limitRequests(services);
  const cliOffer = createCliOffer(services);
  app.use(clientAddress(proxies), requestId(random, proxies));
  // A flood must cost nothing and must not fill the log: what the limit refuses is in the audit trail, counted.
  app.use(limit.before);
  app.use(requestTime(startRequest));
  if (tracing) app.use(traceRequest(tracing, proxies));
  // Before the first thing that can refuse with a page: that needs them too.
  app.use(securityHeaders(config, config.aws.partition), requestLog(log, clock), onlyHost(config.baseUrl));
  // What identity providers send needs nothing of what follows: it brings no session.
  app.use(samlRoutes(services), oidcRoutes(services), sloRoutes(services), oidcLogoutRoutes(services));
  app.use(eventRoutes(services), scimRoutes(services));
  app.use(brandRoutes(config), awsOidcRoutes(config));
  for (const folder of assetFolders) {
    // Not by maxAge: it leaves the no-store of the security headers in place.
    const setHeaders = (response: Response) => void response.setHeader('Cache-Control', 'public, max-age=300');
    app.use('/assets', express.static(folder, { index: false, setHeaders }));
  }
  app.use(bearer(services), unlessBearer(createSessionMiddleware(services)), limit.after);
  app.use(['/api', '/oauth'], cliOffer.header);
  app.use(
    oauthRoutes(services),
    confirmRoutes(services),
    grantsRoutes(services),
    cliDownloadRoutes(services, cliOffer),
  );
  app.use(signInRoutes(services));
  app.use(logoutRoutes(services), whyRoutes(services), activityRoutes(services), sessionsRoutes(services));
  app.use(administrationRoutes(services), ...(config.mode === 'development' ? [componentsRoutes(services)] : []));
  app.use(apiRoutes(services), portalRoutes(services), credentialsRoutes(services));
  app.use(
    consoleRoutes(services),
    consoleHandleRoutes(services),
    linksRoutes(services),
    favouritesRoutes(services),
    appearanceRoutes(services),
  );
  app.use(notFound(), answerError(services, signInAddress));
  return app;
}
