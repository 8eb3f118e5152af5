// Every answer carries the id under which the log and the audit trail speak of it. It is ours, never the client's.
import type { RequestHandler } from 'express';
import type { RandomBytes } from '../../random.ts';

export function requestId(random: RandomBytes): RequestHandler {
  return (request, response, next) => {
    request.requestId = random(9).toString('base64url');
    response.set('X-Request-Id', request.requestId);
    next();
  };
}
