// The SAML service provider's addresses: our metadata and the AssertionConsumerService.
import { type Request, type RequestHandler, Router, urlencoded } from 'express';
import { completeLogin } from '../../broker/complete-login.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { samlRefusal } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { readLoginCookie } from '../cookies.ts';

/** 3,000 groups make a form of over 200 KB. */
const maxFormBytes = '512kb';

export function samlRoutes(services: Services): Router {
  const router = Router();
  router.get('/saml/metadata', (_request, response) => {
    response.type('application/samlmetadata+xml').send(services.metadata.sp);
  });
  router.get('/aws/saml-metadata.xml', (_request, response) => {
    response.type('application/samlmetadata+xml').send(services.metadata.aws);
  });
  const form = urlencoded({ extended: false, limit: maxFormBytes, parameterLimit: 10 });
  router.post('/saml/acs', form, assertionConsumerService(services));
  return router;
}

function assertionConsumerService(services: Services): RequestHandler {
  return async (request, response) => {
    const body = (request.body ?? {}) as Record<string, unknown>;
    const returnTo = await completeLogin(services.completeLogin, {
      samlResponse: field(body, 'SAMLResponse'),
      relayState: field(body, 'RelayState'),
      browserSecret: readLoginCookie(request, services.config) ?? '',
      request: requestFacts(request),
      openSession: (session) => openSession(request, session),
    });
    response.redirect(303, returnTo);
  };
}

function field(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  // Twice, or not at all: which one would be meant?
  throw samlRefusal('malformed', `not exactly one ${name} in the form`);
}

function openSession(request: Request, signedIn: SignedInSession): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.regenerate((failed: unknown) => {
      if (failed) {
        reject(failed as Error);
        return;
      }
      request.session.signedIn = signedIn;
      request.session.save((error: unknown) => (error ? reject(error as Error) : resolve()));
    });
  });
}
