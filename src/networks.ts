// IP addresses and networks in the form that configuration and headers write them: strict, IPv4-mapped IPv6 as IPv4.
import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';

export type Address = IPv4 | IPv6;

export interface Network {
  readonly address: Address;
  readonly prefixLength: number;
}

/** Undefined for everything but an address: no port, zone, leading zero or short form such as 127.1. */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return /^[0-9a-f:.]+$/i.test(text) && ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
}

export function formatNetwork({ address, prefixLength }: Network): string {
  return `${address}/${prefixLength}`;
}

/** An address, or a network such as 10.0.0.0/8. Undefined for a network of every address, and for everything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, before = '', after] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(before);
  if (!address) return undefined;
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  // RFC 4291 §2.5.5.2: ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const mapped = address.kind() === 'ipv4' && before.includes(':') ? 96 : 0;
  const prefixLength = after === undefined ? bits : Number(after) - mapped;
  return prefixLength > 0 && prefixLength <= bits ? { address, prefixLength } : undefined;
}

export function isInNetworks(address: Address, networks: readonly Network[]): boolean {
  // Addresses of two kinds cannot be compared: match() throws.
  return networks.some((network) =>
    address instanceof ipaddr.IPv4
      ? network.address instanceof ipaddr.IPv4 && address.match(network.address, network.prefixLength)
      : network.address instanceof ipaddr.IPv6 && address.match(network.address, network.prefixLength),
  );
}

/** Whether an address is one of the Internet: not loopback, private, link-local, unique-local, carrier-grade NAT or reserved. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (!address) return false;
  // RFC 6052: what NAT64 leads to is in the last four bytes.
  if (address.range() === 'rfc6052') return new ipaddr.IPv4(address.toByteArray().slice(12)).range() === 'unicast';
  // RFC 4291 §2.4, IANA: global unicast addresses are those of 2000::/3; local NAT64 (RFC 8215) and others are not.
  const isGlobal = address instanceof ipaddr.IPv4 || address.match(ipaddr.IPv6.parse('2000::'), 3);
  return isGlobal && address.range() === 'unicast';
}
