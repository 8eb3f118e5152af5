// Every answer carries the id under which the log and the audit trail record it. The broker makes it, or takes that of a trusted
// proxy, so that the proxy's log and these lead to each other. It is never the client's.
import type { RequestHandler } from 'express';
import type { RandomBytes } from '../../random.ts';
import { isTrustedPeer, type TrustedProxies } from './client-address.ts';

const plain = /^[A-Za-z0-9._-]{8,64}$/;

export function requestId(random: RandomBytes, proxies: TrustedProxies): RequestHandler {
  const isTrusted = isTrustedPeer(proxies);
  return (request, response, next) => {
    const given = request.get('x-request-id') ?? '';
    const isTaken = plain.test(given) && isTrusted(request.socket.remoteAddress ?? '', 0);
    request.requestId = isTaken ? given : random(9).toString('base64url');
    response.set('X-Request-Id', request.requestId);
    next();
  };
}
