// Whether what the broker stores in Redis can be read or changed on the way there.
import { isInNetworks, parseAddress, parseNetwork } from '../../networks.ts';
import type { Config } from '../config.ts';

const loopback = ['127.0.0.0/8', '::1'].flatMap((text) => parseNetwork(text) ?? []);

export function relaxedStore(store: Config['store']): string[] {
  if (store.type === 'memory') return ['store: memory loses every session and serves one process; use redis'];
  const url = store.url === undefined ? undefined : new URL(store.url);
  if (url?.protocol === 'unix:') return [];
  const hosts = url
    ? [url.hostname]
    : [...(store.sentinels?.hosts ?? []), ...(store.cluster ?? [])].map(({ host }) => host);
  // Sentinels and nodes name further machines, which may be elsewhere even if the first ones are here.
  const away =
    hosts.find((host) => {
      const address = parseAddress(host.replace(/^\[|\]$/g, ''));
      return !(host === 'localhost' || (address !== undefined && isInNetworks(address, loopback)));
    }) ?? (url ? undefined : hosts[0]);
  if (away === undefined) return [];
  const relaxed: string[] = [];
  if (!store.tls && url?.protocol !== 'rediss:') {
    relaxed.push(`store: the connection to ${away} is plain text; use rediss: or store.tls`);
  }
  if (store.sentinels?.tls === false) relaxed.push('store.sentinels.tls: the Sentinels are asked in plain text');
  if (!store.password && !url?.password) relaxed.push(`store: ${away} asks for no password; set store.password`);
  return relaxed;
}
