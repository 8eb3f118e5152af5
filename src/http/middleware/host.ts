// The public listener answers to its own name only: a page on another name that points here gets nothing.
import type { RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';

const notSecure = 'not https: is the proxy in listen.trustProxy, and does it send X-Forwarded-Proto?';

export function onlyHost(baseUrl: string): RequestHandler {
  const { host, protocol } = new URL(baseUrl);
  return (request, _response, next) => {
    // RFC 9110 §7.4: 421 for a host or scheme that this server does not speak for.
    if (request.headers.host !== host) next(new BrokerError('misdirected', 'Host is not that of baseUrl'));
    // Without https the session cookie would silently not be set.
    else if (protocol === 'https:' && !request.secure) next(new BrokerError('misdirected', notSecure));
    else next();
  };
}
