// Which address a request counts for, by what the peer and its X-Forwarded-For say.
import { describe, expect, test } from 'vitest';
import { trustedNetworks } from '../../../src/config/trust-proxy.ts';
import { addressOfClient, isTrustedPeer } from '../../../src/http/middleware/client-address.ts';

const two = ['10.0.0.11', '10.0.0.12', 'fd00::1'];
const wide = ['10.0.0.0/8'];

describe('addressOfClient', () => {
  const rows: readonly (readonly [string, readonly string[], number | undefined, string, string, string])[] = [
    ['no proxy is trusted', [], undefined, '10.0.0.11', '192.0.2.1', '10.0.0.11'],
    ['the peer is not one of them', two, undefined, '10.0.0.13', '192.0.2.1', '10.0.0.13'],
    ['no header', two, undefined, '10.0.0.11', '', '10.0.0.11'],
    ['one proxy', two, undefined, '10.0.0.11', '192.0.2.1', '192.0.2.1'],
    ['two proxies', two, undefined, '10.0.0.11', '192.0.2.1, 10.0.0.12', '192.0.2.1'],
    ['an entry in front that the client wrote', two, undefined, '10.0.0.11', '198.51.100.1, 192.0.2.1', '192.0.2.1'],
    ['a colleague behind a proxy', two, undefined, '10.0.0.11', '198.51.100.1, 10.9.9.9', '10.9.9.9'],
    ['a wide network without hops', wide, undefined, '10.0.0.11', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['a wide network with one hop', wide, 1, '10.0.0.11', '198.51.100.1, 10.9.9.9', '10.9.9.9'],
    ['a wide network with two hops', wide, 2, '10.0.0.11', '198.51.100.1, 192.0.2.1, 10.9.9.9', '192.0.2.1'],
    ['more hops than entries', wide, 3, '10.0.0.11', '192.0.2.1', '192.0.2.1'],
    ['a port', two, undefined, '10.0.0.11', '192.0.2.1:4711', '192.0.2.1'],
    ['IPv6', two, undefined, 'fd00::1', '2001:DB8::1', '2001:db8::1'],
    ['IPv6 in brackets', two, undefined, 'fd00::1', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 in brackets with a port', two, undefined, 'fd00::1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['a proxy with a port', two, undefined, '10.0.0.11', '192.0.2.1:1, 10.0.0.12:2', '192.0.2.1'],
    ['an IPv4-mapped peer', two, undefined, '::ffff:10.0.0.11', '::ffff:192.0.2.1', '192.0.2.1'],
    ['a peer with a zone', ['fe80::/120'], undefined, 'fe80::1%eth0', '192.0.2.1', '192.0.2.1'],
    ['text', two, undefined, '10.0.0.11', 'not-an-address', '10.0.0.11'],
    ['text behind an address', two, undefined, '10.0.0.11', '198.51.100.1, unknown', '10.0.0.11'],
    ['text in front of an address', two, undefined, '10.0.0.11', 'unknown, 192.0.2.1', '192.0.2.1'],
    ['text beyond a second proxy', two, undefined, '10.0.0.11', '_hidden, 10.0.0.12', '10.0.0.11'],
    ['an empty entry', two, undefined, '10.0.0.11', '198.51.100.1, ', '10.0.0.11'],
    ['a short form', two, undefined, '10.0.0.11', '127.1', '10.0.0.11'],
    ['octal', two, undefined, '10.0.0.11', '0300.0.2.1', '10.0.0.11'],
    ['a number', two, undefined, '10.0.0.11', '3221225985', '10.0.0.11'],
    ['a zone', two, undefined, '10.0.0.11', 'fe80::1%<script>', '10.0.0.11'],
    ['a network', two, undefined, '10.0.0.11', '192.0.2.0/24', '10.0.0.11'],
    ['IPv4 in brackets', two, undefined, '10.0.0.11', '[192.0.2.1]', '192.0.2.1'],
    ['IPv6 with a port but no brackets', two, undefined, '10.0.0.11', '2001:db8:1:2:3:4:5:6:4711', '10.0.0.11'],
    ['a peer that is gone', two, undefined, '', '192.0.2.1', ''],
  ];
  for (const [name, trusted, hops, peer, forwarded, expected] of rows) {
    test(name, () => {
      expect(addressOfClient(peer, forwarded, { networks: trustedNetworks(trusted), hops })).toBe(expected);
    });
  }

  test('names mean their networks', () => {
    const of = (name: string, peer: string) =>
      addressOfClient(peer, '192.0.2.1', { networks: trustedNetworks([name]), hops: undefined });
    expect([of('loopback', '127.9.9.9'), of('loopback', '::1'), of('loopback', '10.0.0.1')]).toEqual([
      '192.0.2.1',
      '192.0.2.1',
      '10.0.0.1',
    ]);
    expect([of('uniquelocal', '172.31.0.1'), of('uniquelocal', '172.32.0.1')]).toEqual(['192.0.2.1', '172.32.0.1']);
    expect([of('linklocal', 'fe80::1%2'), of('linklocal', '169.254.1.1')]).toEqual(['192.0.2.1', '192.0.2.1']);
  });
});

test('only a trusted peer says what scheme the client used', () => {
  const isTrusted = isTrustedPeer({ networks: trustedNetworks(two), hops: undefined });
  expect([isTrusted('10.0.0.11', 0), isTrusted('::ffff:10.0.0.11', 0), isTrusted('10.0.0.13', 0)]).toEqual([
    true,
    true,
    false,
  ]);
});
