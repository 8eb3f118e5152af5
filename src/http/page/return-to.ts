// Where to go after sign-in: a path on this site, or the portal.

/** Characters of an address to come back to. */
export const maxPathLength = 2048;

/** The path and query of `wish` if it stays inside the site, else `/`. */
export function localPath(wish: unknown, baseUrl: string): string {
  if (typeof wish !== 'string' || wish.length > maxPathLength) return '/';
  // Browsers read a backslash as a slash and drop control characters: `/\evil.example` would leave the site.
  if (!wish.startsWith('/') || wish.startsWith('//') || /[\\\p{Cc}]/u.test(wish)) return '/';
  const url = URL.canParse(wish, baseUrl) ? new URL(wish, baseUrl) : undefined;
  // Dot segments can leave a path that begins with two slashes.
  return url?.origin === baseUrl && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}

/** Signs in, and comes back to a path on this site. */
export function loginUrl(returnTo: string): string {
  return `/login?${new URLSearchParams({ return_to: returnTo })}`;
}
