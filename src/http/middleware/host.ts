// The public listener answers to its own name only: a page on another name that points here gets nothing.
import { domainToASCII } from 'node:url';
import type { RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';

const notSecure = 'not https: is the proxy in listen.trustProxy, and does it send X-Forwarded-Proto?';

export function onlyHost(baseUrl: string): RequestHandler {
  const { host: expected, protocol } = new URL(baseUrl);
  return (request, _response, next) => {
    const { host } = request.headers;
    // RFC 9110 §7.4: 421 for a host or scheme that this server does not speak for.
    if (normalHost(host ?? '', protocol) !== expected) {
      next(
        new BrokerError('misdirected', 'Host is not that of baseUrl', { details: { host: quoted(host), expected } }),
      );
    }
    // Without https the session cookie would silently not be set.
    else if (protocol === 'https:' && !request.secure) {
      const sent = request.headers['x-forwarded-proto'] ?? request.headers.forwarded;
      const forwarded = quoted(sent?.toString());
      next(
        new BrokerError('misdirected', notSecure, { details: { host: quoted(host), expected: baseUrl, forwarded } }),
      );
    } else next();
  };
}

const defaultPorts: Readonly<Record<string, RegExp>> = { 'https:': /:(443)?$/, 'http:': /:(80)?$/ };

/** RFC 9110 §4.2.3: names differ in case as they like, and the default port may be written or not. A browser's URL has IDNA's form. */
function normalHost(host: string, protocol: string): string {
  const name = host.replace(defaultPorts[protocol] ?? /$^/, '');
  if (/^[!-~]*$/.test(name)) return name.toLowerCase();
  // Node reads headers as latin1; proxies that write the name as people do send UTF-8, whose octets have no case.
  const [, label = '', port = ''] = /^([^:]*)(:\d+)?$/.exec(Buffer.from(name, 'latin1').toString('utf8')) ?? [];
  return domainToASCII(label) + port;
}
