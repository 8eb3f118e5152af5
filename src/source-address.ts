// What counts as one source address.
import ipaddr, { type IPv6 } from 'ipaddr.js';

/** RFC 4291 §2.5.4: one subscriber of IPv6 has a /64 and every address in it. */
export function addressOf(ip: string): string {
  if (!ipaddr.IPv6.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return (address as IPv6).parts
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}
