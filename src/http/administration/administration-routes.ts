// Administration › Keys and metadata, and Administration › Configuration. Each look leaves a record.
import { type Request, Router } from 'express';
import { watchedCertificates } from '../../broker/idp-metadata/certificate-watch.ts';
import { policyTestProblems } from '../../config/policy-tests.ts';
import { requestFacts, requireSession, type Services } from '../context.ts';
import { onlyAdministrators } from '../why/only-administrators.ts';
import { configurationPage } from './configuration-page.ts';
import { keysPage } from './keys-page.ts';

export function administrationRoutes(services: Services): Router {
  const router = Router();
  const { config, clock, idps, pageContext, configStatus } = services;
  const guard = onlyAdministrators(services);
  router.get('/admin/keys', guard, async (request, response) => {
    const session = await recordLook(services, request, 'keys');
    const certificates = watchedCertificates(config, idps.metadataOf);
    response.type('html').send(keysPage(pageContext(request), { session, certificates, idps, now: clock.now() }));
  });
  router.get('/admin/configuration', guard, async (request, response) => {
    const session = await recordLook(services, request, 'configuration');
    const identityProviders = config.identityProviders.map(({ id }) => id);
    const tested = { policy: config.policy, identityProviders, now: clock.now() };
    const tests = config.tests.map((test) => ({ test, problems: policyTestProblems([test], tested) }));
    const view = { session, config, tests, status: configStatus() };
    response.type('html').send(configurationPage(pageContext(request), view));
  });
  return router;
}

/** @throws BrokerError audit_unavailable */
async function recordLook({ audit, clock }: Services, request: Request, page: 'keys' | 'configuration') {
  const session = requireSession(request, clock.now());
  const { idp, user } = session.identity;
  await audit.record({ event: 'configuration_viewed', idp, user, page }, requestFacts(request));
  return session;
}
