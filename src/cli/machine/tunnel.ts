// A connection through a company's proxy: one CONNECT, once, with an end. Node 20 has none for HTTPS.
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { CliError } from './errors.ts';
import { networkReason } from './network-error.ts';
import type { ProxyServer } from './proxy.ts';

export interface TunnelTarget {
  readonly hostname: string;
  /** Empty for 443. */
  readonly port: string;
}

/** RFC 9110 §9.3.6, with TLS to the target inside. @throws CliError network, which names the proxy; what TLS says */
export async function connectThrough(
  proxy: ProxyServer,
  { hostname, port }: TunnelTarget,
  tls: ConnectionOptions,
  timeoutMs: number,
): Promise<TLSSocket> {
  const signal = AbortSignal.timeout(timeoutMs);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = await openTunnel(proxy, `${hostname}:${port || 443}`, tls, signal);
  return new Promise((resolve, reject) => {
    const inside = connect({ ...tls, socket, host, ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) });
    const stop = () => inside.destroy(unreachable(hostname, proxy, 'did not answer in time. Is the VPN on?'));
    signal.addEventListener('abort', stop);
    inside.once('error', reject);
    inside.once('secureConnect', () => {
      signal.removeEventListener('abort', stop);
      inside.off('error', reject);
      resolve(inside);
    });
  });
}

function openTunnel(proxy: ProxyServer, target: string, tls: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  const { hostname, port, protocol } = new URL(proxy.origin);
  const isTls = protocol === 'https:';
  const options: RequestOptions = {
    method: 'CONNECT',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || (isTls ? 443 : 80),
    path: target,
    headers: { host: target, ...(proxy.authorization ? { 'proxy-authorization': proxy.authorization } : {}) },
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => reject(unreachable(target.replace(/:443$/, ''), proxy, why, cause));
    const outgoing = isTls ? requestHttps({ ...options, ...tls }) : requestHttp(options);
    outgoing.once('error', (error) => {
      const reason = signal.aborted ? networkReason(signal.reason) : networkReason(error);
      fail(`cannot be used: ${reason}`, error);
    });
    // An answer to CONNECT is a separate event; any other answer is a refusal.
    outgoing.once('response', (response) => {
      response.destroy();
      fail(`refused the connection to ${target} (status ${response.statusCode})`);
    });
    outgoing.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      if (statusCode !== 407) return fail(`refused the connection to ${target} (status ${statusCode})`);
      const wants =
        'requires a user name and a password (407): write it as http://name:password@proxy.example.com:3128';
      fail(proxy.authorization ? 'refused its name and password (407)' : wants);
    });
    outgoing.end();
  });
}

function unreachable(host: string, { origin, variable }: ProxyServer, why: string, cause?: unknown): CliError {
  return new CliError('network', `${host} cannot be reached: the proxy ${origin} of ${variable} ${why}`, { cause });
}
