// The SAML service provider's addresses: our metadata and the AssertionConsumerService.
import { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import { BrokerError, samlRefusal } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { samlForm } from '../middleware/saml-form.ts';
import { seeOther } from '../middleware/see-other.ts';
import { answerRequest } from './answer-request.ts';

/** 3,000 groups make a form of over 200 KB. */
const maxFormBytes = 512 * 1024;

export function samlRoutes(services: Services): Router {
  const router = Router();
  router.post('/saml/acs', samlForm(maxFormBytes), assertionConsumerService(services), refuseForm(services));
  router.get('/saml/metadata', async (_request, response) => {
    response.type('application/samlmetadata+xml').send(await services.metadata.sp());
  });
  router.get('/aws/saml-metadata.xml', (_request, response) => {
    response.type('application/samlmetadata+xml').send(services.metadata.aws);
  });
  return router;
}

function assertionConsumerService(services: Services): RequestHandler {
  return async (request, response) => {
    const body = (request.body ?? {}) as Record<string, unknown>;
    const remembered = await services.signIn.complete({
      samlResponse: body['SAMLResponse'],
      relayState: body['RelayState'],
      ...answerRequest(request, response, services),
    });
    seeOther(response, services.returnCookies.take(request, response, remembered));
  };
}

/** A form that the parser refused was a sign-in too: it gets the same answer and its audit record. */
function refuseForm({ signIn }: Services): ErrorRequestHandler {
  return async (error, request, _response, next) => {
    const { status } = error as { status?: unknown };
    if (error instanceof BrokerError || typeof status !== 'number') return next(error);
    const refusal = samlRefusal(status === 413 ? 'too_large' : 'malformed', 'the form could not be read');
    await signIn.recordRefusal(requestFacts(request), refusal);
    return next(refusal);
  };
}
