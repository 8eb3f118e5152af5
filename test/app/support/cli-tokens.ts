// The tokens of `rolegate login --remote`, without the command: pushed request, a person who allows it, the code.
import { z } from 'zod';
import { cliClientId, cliScope, confirmationCode, pushedRequest, remoteRedirectPath } from '../../../src/wire/oauth.ts';
import { createProof } from '../../http/support/oauth.ts';
import { createHttpBrowser } from '../../support/http-browser/http-browser.ts';
import { decide, goOn, reachConfirm } from './command-line.ts';

export const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });

/** What the command would redeem. */
export async function allowedCode(brokerUrl: string, user: string): Promise<Record<string, string>> {
  const { challenge, verifier, state } = createProof();
  const redirect_uri = brokerUrl + remoteRedirectPath;
  const asked = {
    ...{ client_id: cliClientId, response_type: 'code', scope: cliScope, redirect_uri, state },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...{ device_host: 'laptop', device_os: 'Linux', device_user: user },
  };
  const pushed = await fetch(`${brokerUrl}/oauth/par`, { method: 'POST', body: new URLSearchParams(asked) });
  const { request_uri } = pushedRequest.parse(await pushed.json());
  const query = new URLSearchParams({ client_id: cliClientId, request_uri });
  const http = createHttpBrowser();
  const page = await reachConfirm(http, `${brokerUrl}/oauth/authorize?${query}`, user);
  const { body } = await goOn(http, await decide(http, page, 'allow', confirmationCode(challenge)));
  http.close();
  const [, code = ''] = /<code id="remote-code">([\w-]+)\./.exec(body) ?? [];
  return { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
}

export async function bearerStatus(brokerUrl: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${brokerUrl}/api/v1/me`, { headers })).status;
}
