// Whom a request comes from, by the proxies that listen.trustProxy names. Only IP addresses count.

import type { RequestHandler } from 'express';
import { type Address, isInNetworks, type Network, parseAddress } from '../../networks.ts';
import { readForwarded } from './forwarded.ts';

export interface TrustedProxies {
  readonly networks: readonly Network[];
  /** The largest number of proxies that a request passes; undefined for as many as the networks say. */
  readonly hops: number | undefined;
}

/** Sets `request.ip`, and the scheme that Express reads. */
export function clientAddress(proxies: TrustedProxies): RequestHandler {
  const isTrusted = isTrustedPeer(proxies);
  return (request, _response, next) => {
    if (isTrusted(request.socket.remoteAddress ?? '', 0)) readForwarded(request.headers);
    const forwarded = request.headers['x-forwarded-for'];
    const value = addressOfClient(request.socket.remoteAddress ?? '', forwarded?.toString() ?? '', proxies);
    Object.defineProperty(request, 'ip', { value });
    next();
  };
}

/** For Express, which reads X-Forwarded-Proto from trusted peers only. @returns whether the peer is a trusted proxy */
export function isTrustedPeer({ networks }: TrustedProxies): (peer: string, hop: number) => boolean {
  return (peer, hop) => {
    const address = peerAddress(peer);
    return hop === 0 && address !== undefined && isInNetworks(address, networks);
  };
}

/** @param forwarded X-Forwarded-For: each proxy adds, on the right, the address it was called from */
export function addressOfClient(
  peer: string,
  forwarded: string,
  { networks, hops = Infinity }: TrustedProxies,
): string {
  const first = peerAddress(peer);
  if (!first) return '';
  let address = first;
  const entries = forwarded === '' ? [] : forwarded.split(',').reverse();
  for (const [hop, entry] of entries.entries()) {
    if (hop >= hops || !isInNetworks(address, networks)) break;
    const next = forwardedAddress(entry.trim());
    // A trusted proxy hides its client, or is misconfigured: the rest of this entry may be the client's own text.
    if (!next) return first.toString();
    address = next;
  }
  return address.toString();
}

// Some load balancers write 192.0.2.1:4711, [2001:db8::1]:4711, the same in quotes, and fe80::1%eth0 (RFC 6874).
function forwardedAddress(entry: string): Address | undefined {
  const text = /^"(.*)"$/.exec(entry)?.[1] ?? entry;
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return parseAddress(address.replace(/^(fe80:[0-9a-f:]*)%(?:25)?[\w.-]{1,32}$/i, '$1'));
}

// A link-local peer has a zone: fe80::1%eth0.
function peerAddress(peer: string): Address | undefined {
  return parseAddress(peer.replace(/%.*$/, ''));
}
