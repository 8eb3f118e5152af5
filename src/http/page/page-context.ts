// What a page needs besides its content: the portal's name, the reader's language and colours.

import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { type Services, signedInSession } from '../context.ts';
import { isAdministrator } from '../middleware/administrators.ts';
import { cookieName, readCookie } from '../middleware/cookies.ts';
import { messagesFor } from './messages/languages.ts';
import { type Announcement, type Density, densities, type PageSession, type Theme, themes } from './page-types.ts';

const languageCookie = 'rolegate-language';
const themeCookie = 'rolegate-theme';
const densityCookie = 'rolegate-density';
const announcementCookie = 'rolegate-announcement';
const yearMs = 365 * 86_400_000;
/** When less is left, the page has it exactly. */
const exactSeconds = 3600;
const coarseSeconds = 300;

export function createPageContext(config: Config, clock: Clock): Services['pageContext'] {
  const { portal, baseUrl } = config;
  const [themeName, languageName, densityName, announcementName] = [
    ...[themeCookie, languageCookie, densityCookie, announcementCookie],
  ].map((name) => cookieName(baseUrl, name)) as [string, string, string, string];
  const announcement = portal.announcement === undefined ? undefined : announcementOf(portal.announcement);
  return (request, path = request.method === 'GET' ? request.originalUrl : '/') => {
    const cookies = request.headers.cookie ?? '';
    const theme = themes.find((each) => each === readCookie(cookies, themeName)) ?? 'system';
    const density = densities.find((each) => each === readCookie(cookies, densityName)) ?? 'comfortable';
    const accepts = (names: string[]) => request.acceptsLanguages(names);
    const text = messagesFor(readCookie(cookies, languageName), accepts);
    return {
      portalName: portal.name,
      help: portal.help,
      text,
      theme,
      density,
      path,
      hasLogo: portal.logo !== undefined,
      hasColor: portal.color !== undefined,
      announcement: readCookie(cookies, announcementName) === announcement?.id ? undefined : announcement,
      session: pageSession(request, config, clock.now()),
    };
  };
}

function announcementOf(text: string): Announcement {
  return { text, id: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

function pageSession(request: Request, config: Config, now: Date): PageSession | undefined {
  const session = signedInSession(request, now);
  if (!session) return undefined;
  const { identity, expiresAt } = session;
  const secondsLeft = Math.floor((expiresAt - now.getTime()) / 1000);
  return {
    user: identity.user,
    displayName: identity.displayName,
    isAdministrator: isAdministrator(identity, config),
    idleSeconds: Math.floor(config.session.idleTimeoutMs / 1000),
    secondsLeft: secondsLeft > exactSeconds ? secondsLeft - (secondsLeft % coarseSeconds) : secondsLeft,
    endsAt: new Date(expiresAt),
  };
}

interface Appearance {
  readonly language?: string | undefined;
  readonly theme?: Theme | undefined;
  readonly density?: Density | undefined;
  /** The id of the one that was dismissed. */
  readonly announcement?: string | undefined;
}

/** Preferences of this browser, not secrets; what was not chosen stays. */
export function rememberAppearance(
  response: Response,
  { language, theme, density, announcement }: Appearance,
  { baseUrl }: Config,
): void {
  const options = {
    httpOnly: true,
    secure: baseUrl.startsWith('https:'),
    sameSite: 'lax',
    path: '/',
    maxAge: yearMs,
  } as const;
  const chosen = {
    ...{ [languageCookie]: language, [themeCookie]: theme },
    ...{ [densityCookie]: density, [announcementCookie]: announcement },
  };
  for (const [name, value] of Object.entries(chosen))
    if (value !== undefined) response.cookie(cookieName(baseUrl, name), value, options);
}
