// The public listener answers to its own name only: a page on another name that points here gets nothing.
import type { RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';

export function onlyHost(baseUrl: string): RequestHandler {
  const expected = new URL(baseUrl).host;
  return (request, _response, next) => {
    // RFC 9110 §7.4: 421 for a host that this server does not speak for.
    next(request.headers.host === expected ? undefined : new BrokerError('misdirected', 'Host is not that of baseUrl'));
  };
}
