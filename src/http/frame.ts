// What a page needs besides its content: the portal's name, the reader's language and colours.
import type { Request, Response } from 'express';
import type { Config } from '../config/config.ts';
import { readCookie } from './cookies.ts';
import { messagesFor } from './messages/languages.ts';
import type { PageFrame } from './views/layout.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export type FrameOf = (request: Request) => PageFrame;

const languageCookie = 'rolegate-language';
const themeCookie = 'rolegate-theme';
const yearMs = 365 * 86_400_000;

export function createFrameOf({ portal }: Config): FrameOf {
  return (request) => {
    const cookies = request.headers.cookie ?? '';
    const theme = themes.find((each) => each === readCookie(cookies, themeCookie)) ?? 'system';
    const accepts = (names: string[]) => request.acceptsLanguages(names);
    const text = messagesFor(readCookie(cookies, languageCookie), accepts);
    return {
      portalName: portal.name,
      help: portal.help,
      text,
      theme,
      path: request.method === 'GET' ? request.originalUrl : '/',
    };
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
  response.cookie(languageCookie, language, options);
  response.cookie(themeCookie, theme, options);
}
