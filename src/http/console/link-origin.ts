// Who asks for a console: the site that the link came from, as far as the reader's browser says it. Shown to the reader
// before anything opens; only a click on a site that the configuration trusts opens without asking.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { EligibleRole } from '../../access/model.ts';
import type { Services } from '../context.ts';
import { readCookie } from '../middleware/cookies.ts';
import { needsCare } from '../portal/production.ts';

export type Asker =
  | { readonly kind: 'site'; readonly origin: string }
  /** From a mail, a chat, a site that does not say so, or after a sign-in whose beginning is forgotten. */
  | { readonly kind: 'link' }
  | { readonly kind: 'portal' };

export function askerOf(request: Request, services: Services): Asker {
  const { config, idps } = services;
  const origin = originOf(request.get('referer'));
  if (origin === config.baseUrl) return { kind: 'portal' };
  // The answer to a sign-in is posted by the identity provider's page: it brings the reader back, and asks for nothing.
  const signInPages = [
    ...config.samlProviders
      .map(({ id }) => idps.metadataOf(id))
      .map((metadata) => metadata?.ssoRedirectUrl ?? metadata?.ssoPostUrl),
    ...config.oidcProviders.map(({ issuer }) => issuer),
  ];
  const isSignIn = origin !== undefined && signInPages.some((url) => originOf(url) === origin);
  const site = origin === undefined || isSignIn ? rememberedOrigin(request, config.baseUrl) : origin;
  return site === undefined ? { kind: 'link' } : { kind: 'site', origin: site };
}

/**
 * The origin whose link opens this role without asking: trusted by the configuration, and clicked by the reader in a
 * top-level window. Every header here is one that a page cannot set for a navigation.
 */
export function trustedClick(request: Request, role: EligibleRole, { config }: Services): string | undefined {
  const origin = originOf(request.get('referer'));
  if (origin === undefined || !config.portal.trustedReferrers.includes(origin)) return undefined;
  const isClick =
    request.method === 'GET' &&
    request.get('origin') === undefined &&
    request.get('sec-fetch-mode') === 'navigate' &&
    request.get('sec-fetch-dest') === 'document' &&
    // Absent without a click: for a refresh, or a script that runs by itself, as an injected line would.
    request.get('sec-fetch-user') === '?1' &&
    request.get('sec-purpose') === undefined;
  return isClick && !needsCare(role.account.environment) && role.stepUp === undefined ? origin : undefined;
}

/** Keeps the origin of the link across a sign-in, after which Referer names the identity provider. */
export function rememberOrigin(request: Request, response: Response, services: Services): void {
  const asker = askerOf(request, services);
  if (asker.kind !== 'site') return;
  const { config } = services;
  const secure = config.baseUrl.startsWith('https:');
  response.cookie(cookieName(config.baseUrl), mark(request) + Buffer.from(asker.origin).toString('base64url'), {
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/',
    maxAge: 15 * 60_000,
  });
}

function rememberedOrigin(request: Request, baseUrl: string): string | undefined {
  const value = readCookie(request.headers.cookie ?? '', cookieName(baseUrl));
  const own = mark(request);
  if (value === undefined || !value.startsWith(own)) return undefined;
  return originOf(Buffer.from(value.slice(own.length), 'base64url').toString());
}

/** What belongs to another link is not shown for this one. */
function mark({ originalUrl }: Request): string {
  return `${createHash('sha256').update(originalUrl).digest('base64url')}.`;
}

function cookieName(baseUrl: string): string {
  return baseUrl.startsWith('https:') ? '__Host-rolegate-link' : 'rolegate-link';
}

function originOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin, protocol } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}
