// The public Express app: what a request passes, in order.
import { fileURLToPath } from 'node:url';
import express, { type Express, type RequestHandler } from 'express';
import { recordRefusal } from '../broker/complete-login.ts';
import { requestFacts, type Services } from './context.ts';
import { createFrameOf } from './frame.ts';
import { bearer, unlessBearer } from './middleware/bearer.ts';
import { answerError, notFound } from './middleware/errors.ts';
import { onlyHost } from './middleware/host.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { requestLog } from './middleware/request-log.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { apiRoutes } from './routes/api.ts';
import { awsOidcRoutes } from './routes/aws-oidc.ts';
import { brandRoutes } from './routes/brand.ts';
import { cliDownloadRoutes } from './routes/cli-download.ts';
import { consoleRoutes } from './routes/console.ts';
import { framedSignInRoutes } from './routes/framed-sign-in.ts';
import { grantsRoutes } from './routes/grants.ts';
import { linksRoutes } from './routes/links.ts';
import { loginRoutes } from './routes/login.ts';
import { logoutRoutes } from './routes/logout.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { oauthConfirmRoutes } from './routes/oauth-confirm.ts';
import { openidRoutes } from './routes/openid.ts';
import { portalRoutes } from './routes/portal.ts';
import { portalCredentialsRoutes } from './routes/portal-credentials.ts';
import { portalSeveralRoutes } from './routes/portal-several.ts';
import { preferencesRoutes } from './routes/preferences.ts';
import { resumeRoutes } from './routes/resume.ts';
import { samlRoutes } from './routes/saml.ts';
import { sloRoutes } from './routes/slo.ts';
import { whyRoutes } from './routes/why.ts';
import { createSessionMiddleware } from './session-middleware.ts';

const assets = fileURLToPath(new URL('./assets', import.meta.url));

export function createApp(services: Services): Express {
  const { config, log, clock, random } = services;
  const frameOf = createFrameOf(services);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', config.listen.trustProxy.length > 0 ? [...config.listen.trustProxy] : false);
  app.use(requestId(random), requestLog(log, clock));
  // Before the first thing that can refuse: its page needs them too.
  app.use(securityHeaders(config, services.console.partition), onlyHost(config.baseUrl));
  app.use(brandRoutes(config), awsOidcRoutes(config));
  app.use('/assets', express.static(assets, { index: false, setHeaders: cacheAsset }));
  // Before the store is asked, and before a body is read.
  app.use(['/login', '/saml/acs', '/openid/callback'], signInLimit(services));
  app.use(['/oauth/par', '/oauth/authorize'], signInLimit(services, askingShare));
  app.use(['/oauth/token', '/oauth/revoke', '/oauth/introspect'], signInLimit(services));
  app.use(bearer(services), unlessBearer(createSessionMiddleware(services)));
  app.use(oauthRoutes(services, frameOf), oauthConfirmRoutes(services, frameOf), grantsRoutes(services, frameOf));
  app.use(framedSignInRoutes(frameOf));
  app.use(
    samlRoutes(services),
    openidRoutes(services),
    sloRoutes(services),
    loginRoutes(services, frameOf),
    logoutRoutes(services, frameOf),
  );
  app.use(cliDownloadRoutes(services, frameOf), resumeRoutes(services, frameOf), whyRoutes(services, frameOf));
  app.use(apiRoutes(services), portalRoutes(services, frameOf));
  app.use(portalSeveralRoutes(services, frameOf), portalCredentialsRoutes(services, frameOf));
  app.use(consoleRoutes(services, frameOf), linksRoutes(services, frameOf), preferencesRoutes(services));
  app.use(notFound(), answerError(log, frameOf));
  return app;
}

/** Of the limit: what a request of a command line leaves in the store stays twice as long as a login, in two records. */
const askingShare = 1 / 5;

/** @returns a limit with buckets of its own */
function signInLimit({ config, clock, completeLogin }: Services, share = 1): RequestHandler {
  const { perMinute, burst } = config.limits.signIn;
  const limit = { perMinute: Math.ceil(perMinute * share), burst: Math.ceil(burst * share) };
  return rateLimit(limit, {
    clock,
    onRefused: (request, refusal) => recordRefusal(completeLogin, requestFacts(request), undefined, refusal),
  });
}

function cacheAsset(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader('Cache-Control', 'public, max-age=300');
}
