// Times each answer for the metrics, by kind of request: paths would be too many.
import type { RequestHandler } from 'express';

/** @returns the function to call when the answer is out */
export type StartRequest = (kind: string) => (labels: { status: string }) => unknown;

const kinds: readonly (readonly [path: RegExp, kind: string])[] = [
  [/^\/(saml\/acs|openid\/callback\/)/i, 'sign_in'],
  [/^\/login\b/i, 'login'],
  [/^\/(saml\/slo|logout)\b/i, 'logout'],
  [/^\/(offboarding|scim)\//i, 'offboarding'],
  [/^\/(api\/v1|portal)\/credentials\b/i, 'credentials'],
  [/^\/(api\/v1\/console-url|portal\/console|console)\b/i, 'console'],
  [/^\/oauth\//i, 'oauth'],
  [/^\/api\//i, 'api'],
  [/^\/assets\//i, 'assets'],
];

/** The status is a label as well, by its first digit: `5xx`. */
export function requestTime(start: StartRequest): RequestHandler {
  return (request, response, next) => {
    const end = start(kindOf(request.path));
    response.once('finish', () => end({ status: `${Math.floor(response.statusCode / 100)}xx` }));
    next();
  };
}

export function kindOf(path: string): string {
  return kinds.find(([form]) => form.test(path))?.[1] ?? 'page';
}
