// How a session at the OpenID emulator ends: by a browser that clients send there, or by a token that it sends to clients.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { LogoutFault, SignToken } from './tokens.ts';

interface LogoutDeps {
  readonly client: { readonly clientId: string };
  readonly now: () => Date;
  readonly signToken: SignToken;
  /** Known once the server listens. */
  readonly issuer: () => string;
}

export function createLogout({ client, now, signToken, issuer }: LogoutDeps) {
  let loggedOut: URLSearchParams | undefined;
  return {
    loggedOut: () => loggedOut,
    endSession: (url: URL, response: ServerResponse): void => {
      loggedOut = url.searchParams;
      const [back, state] = [loggedOut.get('post_logout_redirect_uri') ?? '', loggedOut.get('state') ?? ''];
      response.writeHead(303, { location: `${back}?${new URLSearchParams({ state })}` }).end();
    },
    sendLogout: async (url: string, claims: Record<string, unknown>, fault: LogoutFault = {}): Promise<Response> => {
      const iat = Math.floor(now().getTime() / 1000);
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      const fixed = {
        iss: issuer(),
        aud: client.clientId,
        iat,
        exp: iat + 120,
        jti: randomBytes(8).toString('hex'),
        events,
      };
      const logout_token = await signToken({ ...fixed, ...claims }, fault, fault.typ ?? 'logout+jwt');
      return fetch(url, { method: 'POST', body: new URLSearchParams({ logout_token }) });
    },
  };
}
