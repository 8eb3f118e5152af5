// Bearer tokens of the command line, for the JSON API only. They stand for the person in place of a session of a browser:
// none is read and none is opened.
import type { Request, RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';
import type { Services } from '../context.ts';

/** RFC 6750 §2.1: in the header and nowhere else. */
export function bearer({ authorizationServer }: Services): RequestHandler {
  return async (request, response, next) => {
    const token = tokenOf(request);
    if (token === undefined) return next();
    const grant = await authorizationServer?.openBearer(token);
    if (!grant) {
      // RFC 6750 §3.1.
      response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
      return next(new BrokerError('unauthenticated', 'the access token is over, or was never ours'));
    }
    request.grant = grant;
    return next();
  };
}

export function unlessBearer(session: RequestHandler): RequestHandler {
  return (request, response, next) => (request.grant ? next() : session(request, response, next));
}

/** RFC 9110 §11.1: the name of a scheme in any case. */
function tokenOf(request: Request): string | undefined {
  if (!request.path.startsWith('/api/v1/')) return undefined;
  const [scheme, token = ''] = (request.get('authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}
