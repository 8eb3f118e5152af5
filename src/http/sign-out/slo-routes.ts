// The SingleLogoutService: identity providers' logout messages, by Redirect and by POST.
import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express';
import type { LogoutArrival } from '../../broker/logout/single-logout.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { readLoginCookie } from '../middleware/cookies.ts';
import { samlForm } from '../middleware/saml-form.ts';
import { seeOther } from '../middleware/see-other.ts';
import type { Reach } from './logout-pages.ts';

/** 64 KB of XML in base64, percent-encoded. */
const maxFormBytes = 128 * 1024;

export function sloRoutes(services: Services): Router {
  const router = Router();
  // The query as it came: what the signature covers are its octets, not what a parser makes of them.
  const fromQuery = ({ originalUrl }: Request) => ({ rawQuery: originalUrl.split('?').slice(1).join('?') });
  const fromForm = ({ body = {} }: Request) => {
    const { SAMLRequest, SAMLResponse, RelayState } = body as Record<string, unknown>;
    return { form: { SAMLRequest, SAMLResponse, RelayState } };
  };
  router.get('/saml/slo', receive(services, fromQuery));
  router.post('/saml/slo', samlForm(maxFormBytes), receive(services, fromForm), refuseForm(services));
  return router;
}

/** The page after everything; without a word about other places where all of them are signed out. */
export function signedOutPath(reach: Reach, commandLineGoesOn = false): string {
  const words = [
    ...(reach === 'complete' ? [] : [`elsewhere=${reach}`]),
    ...(commandLineGoesOn ? ['command_line'] : []),
  ];
  return ['/signed-out', words.join('&')].filter(Boolean).join('?');
}

function receive(services: Services, messageOf: (request: Request) => LogoutArrival['message']): RequestHandler {
  return async (request, response) => {
    const result = await services.singleLogout.receive({
      message: messageOf(request),
      browserSecret: readLoginCookie(request, services.config) ?? '',
      request: requestFacts(request),
    });
    if ('answerUrl' in result) seeOther(response, result.answerUrl);
    else seeOther(response, signedOutPath(result.outcome, result.commandLineGoesOn));
  };
}

/** A form that the parser refused was a logout message too: it gets the same answer and its audit record. */
function refuseForm({ singleLogout }: Services): ErrorRequestHandler {
  return async (error, request, _response, next) => {
    const { status } = error as { status?: unknown };
    if (error instanceof BrokerError || typeof status !== 'number') return next(error);
    const reason = status === 413 ? 'too_large' : 'malformed';
    const refusal = new BrokerError('logout_refused', 'the form could not be read', { reason });
    await singleLogout.recordRefusal(requestFacts(request), refusal);
    return next(refusal);
  };
}
