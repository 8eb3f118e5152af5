// Access tokens of the command line, for the JSON API only. They identify the person in place of a browser session:
// none is read and none is opened.
import type { Request, RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';
import type { OpenedToken, PresentedToken } from '../../oauth/authorization-server.ts';
import type { Services } from '../context.ts';

/** RFC 6750 §2.1 and RFC 9449 §7.1: in the header and nowhere else. */
export function bearer({ authorizationServer, config }: Services): RequestHandler {
  return async (request, response, next) => {
    const presented = presentedToken(request);
    if (presented === undefined) return next();
    const { scheme } = presented;
    const opened: OpenedToken | undefined = await authorizationServer?.openToken(presented);
    if (opened?.nonce !== undefined) response.set('DPoP-Nonce', opened.nonce);
    if (opened && 'grant' in opened) {
      request.grant = opened.grant;
      request.grantName = opened.name;
      return next();
    }
    const refused = opened?.refused ?? 'invalid_token';
    const isOutdated = refused === 'outdated_client';
    // RFC 6750 §3.1, RFC 9449 §7.1. What a program shows that knows the header, and one that does not.
    const algorithms = scheme === 'DPoP' ? ', algs="ES256"' : '';
    response.set('WWW-Authenticate', `${scheme} error="${isOutdated ? 'invalid_token' : refused}"${algorithms}`);
    const why = isOutdated
      ? `an access token without a key: get the current rolegate at ${config.baseUrl}/cli`
      : refused;
    return next(new BrokerError('unauthenticated', `the access token is not taken: ${why}`));
  };
}

export function unlessBearer(session: RequestHandler): RequestHandler {
  return (request, response, next) => (request.grant ? next() : session(request, response, next));
}

/** RFC 9110 §11.1: the name of a scheme in any case. */
function presentedToken(request: Request): PresentedToken | undefined {
  if (!request.path.startsWith('/api/v1/')) return undefined;
  const [word = '', token = ''] = (request.get('authorization') ?? '').split(' ');
  const scheme = (['Bearer', 'DPoP'] as const).find((each) => each.toLowerCase() === word.toLowerCase());
  if (scheme === undefined) return undefined;
  const [path = ''] = request.originalUrl.split('?');
  return { scheme, token, proof: request.get('dpop'), method: request.method, path };
}
