// Requests to an OpenID provider, whose addresses are checked at the moment of connecting: a host name of a public provider
// does not lead into our network, whatever its DNS says by then.
import dns, { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import { isPublicAddress } from '../networks.ts';

export interface AddressRules {
  readonly lookup: (
    host: string,
    options: { readonly all: true },
    done: (error: Error | null, found: LookupAddress[]) => void,
  ) => void;
  readonly isPublic: (address: string) => boolean;
}

/** Of a host's addresses those that may be connected to. It throws if there are none. */
type Choose = (host: string, found: readonly LookupAddress[]) => LookupAddress[];

/** @returns a fetch for one provider. Its endpoints may be in a private network if its discovery document is there. */
export function createIssuerFetch(
  issuer: string,
  { lookup, isPublic }: AddressRules = { lookup: dns.lookup, isPublic: isPublicAddress },
): typeof globalThis.fetch {
  const document = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`).href;
  let isFoundInside = false;
  let isInside = false;
  const discovery = createClient(lookup, (_, found) => {
    isFoundInside = found.every(({ address }) => !isPublic(address));
    return [...found];
  });
  // Also for the issuer's own host: its DNS may have changed since the discovery.
  const endpoints = createClient(lookup, (host, found) => {
    const allowed = found.filter(({ address }) => isInside || isPublic(address));
    if (allowed.length === 0) {
      const code = `${host.slice(0, 100)} has an address of a private network, and the issuer has not`;
      throw Object.assign(new Error(code), { code });
    }
    return allowed;
  });
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.href !== document) return endpoints(url, init);
    const answer = await discovery(url, init);
    // A server that does not answer is not the issuer.
    if (answer.ok) isInside = isFoundInside;
    return answer;
  };
}

function createClient(lookup: AddressRules['lookup'], choose: Choose) {
  const checkedLookup: LookupFunction = (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      try {
        const allowed = choose(host, found);
        if (options.all) done(null, allowed);
        else done(null, allowed[0]!.address, allowed[0]!.family);
      } catch (refused) {
        done(refused as Error, []);
      }
    });
  let agent: Agent | undefined;
  return async (url: URL, init?: RequestInit): Promise<Response> => {
    // Node's own fetch takes no lookup.
    const undici = await import('undici');
    agent ??= new undici.Agent({ connect: { lookup: checkedLookup } });
    // A socket looks up names only.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) choose(host, [{ address: host, family: isIP(host) }]);
    return (await undici.fetch(url, { ...init, dispatcher: agent } as never)) as unknown as Response;
  };
}
