// State changes come from our own pages. SameSite cookies are the first lock, this is the second.
import type { RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';

export function sameOrigin(baseUrl: string): RequestHandler {
  return (request, _response, next) => {
    // No page can send a Bearer token from elsewhere: the browser would ask first, and we never say yes.
    const isOurs = request.grant !== undefined || request.get('origin') === baseUrl;
    next(isOurs ? undefined : new BrokerError('forbidden_origin', 'Origin is not that of baseUrl'));
  };
}
