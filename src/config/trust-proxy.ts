// Which proxies the public listener believes: addresses, networks, and names for some networks.
import { z } from 'zod';
import { type Network, parseNetwork } from '../networks.ts';

/** The names that Express has for networks. */
const groups: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** The longest networks that may name proxies alone: larger ones contain machines of other people. */
const shortestPrefix = { ipv4: 28, ipv6: 120 } as const;

/** The widest networks that may be trusted at all: wider ones contain clients. The names above are private networks. */
const widestPrefix = { ipv4: 8, ipv6: 32 } as const;

export const trustProxySchema = z.array(
  z.string().refine((text) => Object.hasOwn(groups, text) || parseNetwork(text) !== undefined, {
    message: 'is not an IP address or network such as 10.0.0.11 or 10.0.0.16/28',
  }),
);

export const trustProxyHopsSchema = z.number().int().min(1).max(10);

export function trustedNetworks(trustProxy: readonly string[]): Network[] {
  return trustProxy
    .flatMap((text) => (Object.hasOwn(groups, text) ? (groups[text] ?? []) : [text]))
    .flatMap((text) => parseNetwork(text) ?? []);
}

/** Entries that contain clients rather than proxies, alone or in pieces, however many proxies a request passes. */
export function tooWideProxies(trustProxy: readonly string[]): string[] {
  const networks = (['ipv4', 'ipv6'] as const).map((kind) => ({
    widest: widestPrefix[kind],
    entries: trustProxy.flatMap((text, index) => {
      const network = parseNetwork(text);
      return network?.address.kind() === kind ? [{ text, index, prefixLength: network.prefixLength }] : [];
    }),
  }));
  return networks.flatMap(({ widest, entries }) => {
    const tooWide = entries.filter(({ prefixLength }) => prefixLength < widest);
    if (tooWide.length > 0) {
      return tooWide.map(
        ({ text, index }) =>
          `listen.trustProxy[${index}]: ${text} is wider than /${widest}; name the networks of the proxies`,
      );
    }
    const size = entries.reduce((sum, { prefixLength }) => sum + 2 ** (widest - prefixLength), 0);
    return size > 2
      ? [`listen.trustProxy: is together wider than two networks of /${widest}; name the networks of the proxies`]
      : [];
  });
}

/**
 * Each entry that is wider than a few proxies, if nothing says how many of them a request passes: every machine in it
 * could name any address as its client.
 */
export function wideProxies(listen: {
  readonly trustProxy: readonly string[];
  readonly trustProxyHops?: number | undefined;
}): string[] {
  if (listen.trustProxyHops !== undefined) return [];
  return listen.trustProxy.flatMap((text, index) => {
    const isWide = trustedNetworks([text]).some(
      ({ address, prefixLength }) => prefixLength < shortestPrefix[address.kind()],
    );
    const advice = 'name the addresses of the proxies, or set listen.trustProxyHops';
    return isWide ? [`listen.trustProxy[${index}]: ${text} lets every machine in it name any address; ${advice}`] : [];
  });
}
