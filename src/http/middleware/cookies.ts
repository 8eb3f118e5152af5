// Our cookies: the session's (Lax); what has to come with the identity provider's cross-site post (None), which is the pending
// sign-ins' secret and what ends the last session; and the chosen IdP's.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Config } from '../../config/config.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';

const secretForm = /^[A-Za-z0-9_-]{43}$/;

/** `__Host-` binds a cookie to this host and to https; on http (loopback, development) browsers refuse the prefix. */
export function sessionCookieName({ baseUrl }: Config): string {
  return cookieName(baseUrl, 'rolegate');
}

/** The id in the session cookie if it has a signature of this broker, as express-session writes it: `s:ID.HMAC`. */
export function signedSessionId(request: Request, config: Config): string | undefined {
  const value = readCookie(request.headers.cookie ?? '', sessionCookieName(config)) ?? '';
  const signed = value.replace(/%(3A|2B|2F)/gi, decodeURIComponent);
  const [, id, signature = ''] = /^s:([\w-]{43})\.([\w+/]{43})$/.exec(signed) ?? [];
  if (id === undefined) return undefined;
  const digest = Buffer.from(signature, 'base64');
  const isOurs = config.session.secrets.some((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(id).digest(), digest),
  );
  return isOurs ? id : undefined;
}

/** No maxAge: the browser forgets the cookie when it closes; the store ends the session by its own clock. */
export function sessionCookieOptions({ baseUrl }: Config) {
  return { httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:'), path: '/' } as const;
}

/** As express-session, which reads it, would. The end token may come with posts of other sites, as the session's id may not. */
export function setSessionCookie(
  request: Request,
  response: Response,
  { id, endToken }: NewSession,
  config: Config,
): void {
  request.secret = config.session.secrets[0]!;
  response.cookie(sessionCookieName(config), id, { ...sessionCookieOptions(config), signed: true });
  response.cookie(endCookieName(config), endToken, crossSite);
}

interface NewSession {
  readonly id: string;
  readonly endToken: string;
}

/** Names the browser's last session, to end it. */
export function readEndCookie(request: Request, config: Config): string | undefined {
  return readCookie(request.headers.cookie ?? '', endCookieName(config));
}

function endCookieName({ baseUrl }: Config): string {
  return cookieName(baseUrl, 'rolegate-end');
}

/** Secure always: browsers keep such a cookie on loopback http, and drop SameSite=None without it. */
const crossSite = { httpOnly: true, secure: true, sameSite: 'none', path: '/' } as const;

/** The id in the session's cookie, which only its browser knows. The signature is not looked at: express-session does. */
export function readSessionCookie(request: Request, config: Config): string | undefined {
  const value = readCookie(request.headers.cookie ?? '', sessionCookieName(config));
  return /^s(?::|%3A)([A-Za-z0-9_-]{43})\./.exec(value ?? '')?.[1];
}

function loginCookieName({ baseUrl }: Config): string {
  return cookieName(baseUrl, 'rolegate-login');
}

/** The browser's secret for its pending logins, if it brings a usable one. */
export function readLoginCookie(request: Request, config: Config): string | undefined {
  const value = readCookie(request.headers.cookie ?? '', loginCookieName(config));
  return value !== undefined && secretForm.test(value) ? value : undefined;
}

/** One secret for each browser, shared by its tabs; made on the first sign-in. */
export function ensureLoginCookie(request: Request, response: Response, config: Config, random: RandomBytes): string {
  const existing = readLoginCookie(request, config);
  if (existing !== undefined) return existing;
  const secret = randomSecret(random);
  response.cookie(loginCookieName(config), secret, crossSite);
  return secret;
}

/** Which identity provider this browser chose last, if it is still there. A preference, not a secret. */
export function readChosenIdp(request: Request, { baseUrl, identityProviders }: Config): string | undefined {
  const value = readCookie(request.headers.cookie ?? '', cookieName(baseUrl, idpCookie));
  return identityProviders.find(({ id }) => id === value)?.id;
}

export function rememberIdp(response: Response, idp: string, { baseUrl }: Config): void {
  const secure = baseUrl.startsWith('https:');
  response.cookie(cookieName(baseUrl, idpCookie), idp, {
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/',
    maxAge: 180 * 86_400_000,
  });
}

const idpCookie = 'rolegate-idp';

/** With `__Host-` on https: no other host of the domain can set it (RFC 6265bis §4.1.3.2). */
export function cookieName(baseUrl: string, name: string): string {
  return baseUrl.startsWith('https:') ? `__Host-${name}` : name;
}

/** The first cookie of that name. */
export function readCookie(header: string, name: string): string | undefined {
  const prefix = `${name}=`;
  return header
    .split(/; */)
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length);
}
