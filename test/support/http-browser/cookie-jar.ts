// A cookie jar with the rules a federation lives or dies by: host-only and Domain, Path, Secure, prefixes and SameSite.
import { isSameSite, isTrustworthy } from './sites.ts';

interface Cookie {
  name: string;
  value: string;
  domain: string;
  isHostOnly: boolean;
  path: string;
  isSecure: boolean;
  isHttpOnly: boolean;
  sameSite: 'strict' | 'lax' | 'none';
  expiresAt: Date | undefined;
}

/** Why a request goes out; it decides about SameSite cookies. */
interface RequestContext {
  url: URL;
  method: string;
  /** The page whose link, form or script causes the request; undefined for a typed address. */
  initiator: URL | undefined;
  /** A request that replaces the page, as opposed to one by a script. */
  isNavigation: boolean;
}

export interface CookieJar {
  /** Takes the Set-Cookie lines of an answer; what a browser would refuse is dropped, as browsers do. */
  store: (lines: string[], url: URL) => void;
  /** The Cookie header for a request, or undefined. */
  header: (request: RequestContext) => string | undefined;
  /** Names and values of all that would be sent on a same-site request to this URL. */
  list: (url: URL) => Record<string, string>;
  clear: () => void;
}

/** An empty jar; `now` decides about expiry. */
export function createCookieJar(now: () => Date): CookieJar {
  let cookies: Cookie[] = [];
  const matching = (url: URL) => {
    cookies = cookies.filter((cookie) => cookie.expiresAt === undefined || cookie.expiresAt > now());
    return cookies.filter((cookie) => isFor(cookie, url)).sort((one, other) => other.path.length - one.path.length);
  };
  return {
    store: (lines, url) => {
      for (const line of lines) {
        const cookie = parseSetCookie(line, url, now());
        if (cookie === undefined || !isAcceptable(cookie, url)) continue;
        cookies = cookies.filter((old) => !isSameCookie(old, cookie));
        cookies.push(cookie);
      }
    },
    header: (request) => {
      const sent = matching(request.url).filter((cookie) => isSentWith(cookie, request));
      return sent.map(({ name, value }) => `${name}=${value}`).join('; ') || undefined;
    },
    list: (url) => Object.fromEntries(matching(url).map(({ name, value }) => [name, value])),
    clear: () => {
      cookies = [];
    },
  };
}

function parseSetCookie(line: string, url: URL, now: Date): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [key = '', ...value] = part.split('=');
      return [key.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase();
  const path = attributes.get('path');
  const sameSite = attributes.get('samesite')?.toLowerCase();
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    domain: domain || url.hostname,
    isHostOnly: !domain,
    path: path?.startsWith('/') ? path : defaultPath(url),
    isSecure: attributes.has('secure'),
    isHttpOnly: attributes.has('httponly'),
    // Stricter than Chromium, which sends a cookie without SameSite on cross-site POSTs for two minutes: rely on nothing.
    sameSite: sameSite === 'none' || sameSite === 'strict' ? sameSite : 'lax',
    expiresAt: expiry(attributes, now),
  };
}

/** Max-Age wins over Expires (RFC 6265 §5.3 step 3). */
function expiry(attributes: Map<string, string>, now: Date): Date | undefined {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return new Date(now.getTime() + Number(maxAge) * 1000);
  const expires = new Date(attributes.get('expires') ?? Number.NaN);
  return Number.isNaN(expires.getTime()) ? undefined : expires;
}

/** RFC 6265 §5.1.4: the folder of the request's path. */
function defaultPath(url: URL): string {
  return url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/';
}

/** RFC 6265bis §5.7: foreign domains, Secure from an insecure page, prefixes, and None without Secure are refused. */
function isAcceptable(cookie: Cookie, url: URL): boolean {
  if (!domainMatches(cookie, url) || (!cookie.isHostOnly && !cookie.domain.includes('.'))) return false;
  if (cookie.isSecure && !isTrustworthy(url)) return false;
  if (cookie.sameSite === 'none' && !cookie.isSecure) return false;
  // Stricter than Chromium, which takes prefixed cookies from loopback http as well: other browsers do not.
  const hasPrefix = /^__(host|secure)-/i.test(cookie.name);
  if (hasPrefix && (!cookie.isSecure || url.protocol !== 'https:')) return false;
  return !/^__host-/i.test(cookie.name) || (cookie.isHostOnly && cookie.path === '/');
}

function isSameCookie(one: Cookie, other: Cookie): boolean {
  const isSameKey = one.name === other.name && one.domain === other.domain && one.path === other.path;
  return isSameKey && one.isHostOnly === other.isHostOnly;
}

function isFor(cookie: Cookie, url: URL): boolean {
  if (!domainMatches(cookie, url) || (cookie.isSecure && !isTrustworthy(url))) return false;
  if (cookie.path === url.pathname) return true;
  return url.pathname.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`);
}

function domainMatches(cookie: Cookie, url: URL): boolean {
  return url.hostname === cookie.domain || (!cookie.isHostOnly && url.hostname.endsWith(`.${cookie.domain}`));
}

/** RFC 6265bis §5.8.3: a cross-site request carries None always, Lax only when it is a top-level GET, Strict never. */
function isSentWith(cookie: Cookie, { url, method, initiator, isNavigation }: RequestContext): boolean {
  if (initiator === undefined || isSameSite(initiator, url) || cookie.sameSite === 'none') return true;
  return cookie.sameSite === 'lax' && isNavigation && (method === 'GET' || method === 'HEAD');
}
