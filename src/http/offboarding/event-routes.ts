// Security events that transmitters push (RFC 8935): each transmitter has its own address, so its keys are known beforehand.
import { type ErrorRequestHandler, type Request, type Response, Router, text } from 'express';
import { BrokerError, type SamlReason } from '../../errors.ts';
import { requestFacts, type Services } from '../context.ts';
import { giveBackCost } from '../middleware/rate-limit.ts';

/** Events are below 2 KB. */
const maxTokenBytes = 32 * 1024;

/** RFC 8935 §2.4. What exactly was wrong is in the log and in the audit trail. */
const descriptions = {
  invalid_request: 'The request is not a Security Event Token that this recipient accepts.',
  invalid_key: 'The signature, its key or its algorithm is not acceptable.',
  invalid_issuer: 'The issuer is not the one that this address belongs to.',
  invalid_audience: 'The audience is not this recipient.',
} as const;

const codes: Partial<Record<SamlReason, keyof typeof descriptions>> = {
  signature: 'invalid_key',
  algorithm: 'invalid_key',
  issuer: 'invalid_issuer',
  audience: 'invalid_audience',
};

export function eventRoutes({ config, log, offboarding }: Services): Router {
  const router = Router();
  if (config.offboarding.transmitters.length === 0) return router;
  const refuse: ErrorRequestHandler = (error, request, response, next) => {
    const known = error instanceof BrokerError ? error : undefined;
    const isUnreadable = typeof (error as { status?: unknown }).status === 'number';
    const isRefused = known ? known.code === 'openid_refused' || known.code === 'bad_request' : isUnreadable;
    if (!isRefused) return next(error);
    const reason = known?.reason;
    const { message } = error as Error;
    log.warn({ requestId: request.requestId, code: 'offboarding_refused', reason, ...known?.details }, message);
    const err = (reason && codes[reason]) ?? 'invalid_request';
    return response.status(400).set('Content-Language', 'en').json({ err, description: descriptions[err] });
  };
  router.post(
    '/offboarding/events/:transmitter',
    text({ type: 'application/secevent+jwt', limit: maxTokenBytes }),
    async (request: Request, response: Response) => {
      await offboarding.receive(String(request.params['transmitter']), request.body, requestFacts(request));
      giveBackCost(response);
      response.status(202).end();
    },
    refuse,
  );
  return router;
}
