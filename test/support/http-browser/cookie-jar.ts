// tough-cookie, told why each request goes out and what time it is.
import { Cookie, CookieJar as ToughJar } from 'tough-cookie';
import { isSameSite } from './sites.ts';

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
  const jar = new ToughJar(undefined, { prefixSecurity: 'strict' });
  const matching = (url: URL, sameSiteContext: 'strict' | 'lax' | 'none') =>
    jar
      .getCookiesSync(url.href, { sameSiteContext, expire: false, sort: true })
      .filter(({ expires }) => !(expires instanceof Date) || expires > now());
  return {
    store: (lines, url) => {
      for (const line of lines) {
        const cookie = Cookie.parse(line);
        if (!cookie || (cookie.sameSite === 'none' && !cookie.secure)) continue;
        // Stricter than Chromium, which sends a cookie without SameSite on cross-site POSTs for two minutes: rely on nothing.
        cookie.sameSite ??= 'lax';
        // By the clock of the test, which tough-cookie does not ask when it reads.
        cookie.expires = cookie.expiryDate(now()) ?? 'Infinity';
        cookie.maxAge = null;
        jar.setCookieSync(cookie, url.href, { ignoreError: true });
      }
    },
    header: (request) =>
      matching(request.url, sameSiteContext(request))
        .map((cookie) => cookie.cookieString())
        .join('; ') || undefined,
    list: (url) => Object.fromEntries(matching(url, 'strict').map(({ key, value }) => [key, value])),
    clear: () => jar.removeAllCookiesSync(),
  };
}

/** RFC 6265bis §5.8.3: a cross-site request carries None always, Lax only when it is a top-level GET, Strict never. */
function sameSiteContext({ url, method, initiator, isNavigation }: RequestContext): 'strict' | 'lax' | 'none' {
  if (initiator === undefined || isSameSite(initiator, url)) return 'strict';
  return isNavigation && (method === 'GET' || method === 'HEAD') ? 'lax' : 'none';
}
