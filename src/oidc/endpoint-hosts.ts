// Which hosts the broker itself calls for an OpenID provider. Its document may name any address, also one inside our network:
// a provider that turns bad would make the broker send requests there.
import { getDomain } from 'tldts';

/** Providers whose endpoints are on other domains than the issuer, by the issuer's host. */
const otherHosts: Readonly<Record<string, readonly string[]>> = {
  'accounts.google.com': ['oauth2.googleapis.com', 'openidconnect.googleapis.com', 'www.googleapis.com'],
  'login.microsoftonline.com': ['graph.microsoft.com'],
  'sts.windows.net': ['login.microsoftonline.com', 'login.windows.net', 'graph.microsoft.com'],
  'login.microsoftonline.us': ['graph.microsoft.us'],
  'login.partner.microsoftonline.cn': ['microsoftgraph.chinacloudapi.cn'],
};

/**
 * Whether the broker may send a request there: to the issuer's registrable domain, to the list above, or to a configured host.
 * @param endpointHosts exact host names of the configuration
 */
export function isEndpointOf(issuer: string, endpointHosts: readonly string[], address: string): boolean {
  if (!URL.canParse(address)) return false;
  const [from, to] = [new URL(issuer), new URL(address)];
  if (to.protocol !== 'https:' && to.protocol !== from.protocol) return false;
  if (to.hostname === from.hostname || endpointHosts.includes(to.hostname)) return true;
  if (Object.hasOwn(otherHosts, from.hostname) && otherHosts[from.hostname]!.includes(to.hostname)) return true;
  // With private suffixes: two tenants of github.io or of a cloud's domain are not one organization.
  const domain = getDomain(from.hostname, { allowPrivateDomains: true });
  return domain !== null && getDomain(to.hostname, { allowPrivateDomains: true }) === domain;
}
