// What a page needs besides its content: the portal's name, the reader's language and colours.

import type { Request, Response } from 'express';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { type Services, signedInSession } from '../context.ts';
import { cookieName, readCookie } from '../middleware/cookies.ts';
import { isAdministrator } from '../why/administrators.ts';
import { messagesFor } from './messages/languages.ts';
import { type PageSession, type Theme, themes } from './page-types.ts';

const languageCookie = 'rolegate-language';
const themeCookie = 'rolegate-theme';
const yearMs = 365 * 86_400_000;

export function createPageContext(config: Config, clock: Clock): Services['pageContext'] {
  const { portal, baseUrl } = config;
  const [themeName, languageName] = [cookieName(baseUrl, themeCookie), cookieName(baseUrl, languageCookie)];
  return (request, path = request.method === 'GET' ? request.originalUrl : '/') => {
    const cookies = request.headers.cookie ?? '';
    const theme = themes.find((each) => each === readCookie(cookies, themeName)) ?? 'system';
    const accepts = (names: string[]) => request.acceptsLanguages(names);
    const text = messagesFor(readCookie(cookies, languageName), accepts);
    return {
      portalName: portal.name,
      help: portal.help,
      text,
      theme,
      path,
      hasLogo: portal.logo !== undefined,
      hasColor: portal.color !== undefined,
      announcement: portal.announcement,
      session: pageSession(request, config, clock.now()),
    };
  };
}

function pageSession(request: Request, config: Config, now: Date): PageSession | undefined {
  const session = signedInSession(request, now);
  if (!session) return undefined;
  const { identity, expiresAt } = session;
  return {
    user: identity.user,
    displayName: identity.displayName,
    isAdministrator: isAdministrator(identity, config),
    idleSeconds: Math.floor(config.session.idleTimeoutMs / 1000),
    secondsLeft: Math.floor((expiresAt - now.getTime()) / 1000),
    endsAt: new Date(expiresAt),
  };
}

/** Preferences of this browser, not secrets. */
export function rememberAppearance(
  response: Response,
  { language, theme }: { language: string; theme: Theme },
  { baseUrl }: Config,
): void {
  const options = {
    httpOnly: true,
    secure: baseUrl.startsWith('https:'),
    sameSite: 'lax',
    path: '/',
    maxAge: yearMs,
  } as const;
  response.cookie(cookieName(baseUrl, languageCookie), language, options);
  response.cookie(cookieName(baseUrl, themeCookie), theme, options);
}
