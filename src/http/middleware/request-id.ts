// Every answer carries the id under which the log and the audit trail record it. The broker makes it, never the client.
import type { RequestHandler } from 'express';
import type { RandomBytes } from '../../random.ts';

export function requestId(random: RandomBytes): RequestHandler {
  return (request, response, next) => {
    request.requestId = random(9).toString('base64url');
    response.set('X-Request-Id', request.requestId);
    next();
  };
}
