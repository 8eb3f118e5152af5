// Requests to an OpenID provider, checked at the moment of connecting: a host name of a public provider does not lead into
// our network, whatever its DNS says now.
import dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import { isPublicAddress } from '../networks.ts';

type Lookup = (host: string, options: { all: true }, done: (error: Error | null, found: dns.LookupAddress[]) => void) => void;

export interface AddressRules {
  readonly lookup: Lookup;
  readonly isPublic: (address: string) => boolean;
}

/** @returns a fetch for one provider. A provider that was found at an address of our network may name others there. */
export function createIssuerFetch(
  issuer: string,
  { lookup, isPublic }: AddressRules = { lookup: dns.lookup, isPublic: isPublicAddress },
): typeof globalThis.fetch {
  // What is on the issuer's host is not enough: who controls its DNS could point it here after the discovery. Its document
  // came from where it is, over TLS.
  let isInside = false;
  let isSeenInside = false;
  const check = (host: string, addresses: readonly string[], isDiscovery: boolean): void => {
    const inner = addresses.find((address) => !isPublic(address));
    if (isDiscovery) isSeenInside = inner !== undefined;
    else if (inner !== undefined && !isInside) throw inside(host);
  };
  const agents = new Map<boolean, Promise<Agent>>();
  const agentFor = (isDiscovery: boolean): Promise<Agent> => {
    const known = agents.get(isDiscovery);
    if (known) return known;
    const checked: LookupFunction = (host, options, done) =>
      lookup(host, { ...options, all: true }, (error, found) => {
        try {
          if (error) throw error;
          const addresses = found.map(({ address }) => address);
          check(host, addresses, isDiscovery);
          if (options.all) done(null, found);
          else done(null, found[0]!.address, found[0]!.family);
        } catch (refused) {
          done(refused as Error, []);
        }
      });
    const made = import('undici').then(({ Agent }) => new Agent({ connect: { lookup: checked } }));
    agents.set(isDiscovery, made);
    return made;
  };
  const documents = [`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`];
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isDiscovery = documents.includes(url.href);
    // The socket looks up names only.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) check(host, [host], isDiscovery);
    const { fetch } = await import('undici');
    const answer = await fetch(url, { ...init, dispatcher: await agentFor(isDiscovery) } as never);
    if (isDiscovery && answer.ok) isInside = isSeenInside;
    return answer as unknown as Response;
  };
}

function inside(host: string): Error & { code: string } {
  const code = `${host.slice(0, 100)} has an address of a private network, and the issuer has not`;
  return Object.assign(new Error(code), { code });
}
