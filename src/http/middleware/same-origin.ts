// State changes come from our own pages. SameSite cookies are the first lock, this is the second.
import type { Request, RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';

/** For forms of our pages. */
export function sameOrigin(baseUrl: string): RequestHandler {
  return requireOrigin(baseUrl, (request) => isFromOurs(request, baseUrl) || isFromOursWithoutOrigin(request));
}

/** For the API, whose calls no browser makes without their Origin. */
export function sameOriginOfScript(baseUrl: string): RequestHandler {
  return requireOrigin(baseUrl, (request) => isFromOurs(request, baseUrl));
}

function requireOrigin(expected: string, isFromUs: (request: Request) => boolean): RequestHandler {
  return (request, _response, next) => {
    if (isFromUs(request)) return next();
    const origin = request.get('origin');
    const site = request.get('sec-fetch-site');
    const hint = origin === 'null' ? ': does a proxy replace Referrer-Policy by no-referrer?' : '';
    const details = {
      origin: origin === 'null' ? 'null' : quoted(origin),
      expected,
      ...(site ? { site: quoted(site) } : {}),
    };
    return next(new BrokerError('forbidden_origin', `Origin is not that of baseUrl${hint}`, { details }));
  };
}

function isFromOurs(request: Request, baseUrl: string): boolean {
  // No page can send a Bearer token from elsewhere: the browser would ask first, and we never say yes.
  return request.grant !== undefined || request.get('origin') === baseUrl;
}

/**
 * Fetch §3.2: with `Referrer-Policy: no-referrer`, which some proxies set for every answer, a page's own forms have Origin `null`. No
 * page can set Sec-Fetch-Site, and a sandboxed frame, whose Origin is `null` too, is of no origin that is the same.
 */
function isFromOursWithoutOrigin(request: Request): boolean {
  return request.get('origin') === 'null' && request.get('sec-fetch-site') === 'same-origin';
}
