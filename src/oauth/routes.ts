// Addresses and names of the authorization server, for those that do not load its library.
import type { Config } from '../config/config.ts';

export const oauthRoutes = {
  authorization: '/oauth/authorize',
  pushed_authorization_request: '/oauth/par',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
} as const;

export const confirmPath = '/oauth/confirm';

/** Where a command line asks whether its request was refused. */
export const decisionPath = '/oauth/decision';

/** Whether codes may be shown for copying. The library takes https by name or http on loopback, and nothing between. */
export function allowsRemoteLogin({ baseUrl, cliSignIn }: Config): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return cliSignIn.remoteLogin && isLoopback === (protocol === 'http:');
}

/** Of a session that is not kept: the cookie never leaves. */
export const sessionCookie = 'rolegate-oauth';
