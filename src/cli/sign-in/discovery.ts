// What a broker says of itself, and whether it is one. RFC 8414.
import { type AuthorizationServer, authorizationServer } from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { sendRequest } from '../machine/http.ts';

/**
 * @param broker its origin
 * @throws CliError network or clock; failed, if somebody else answers
 */
export async function discover(context: CliContext, broker: string): Promise<AuthorizationServer> {
  const url = `${broker}/.well-known/oauth-authorization-server`;
  const { status, body } = await sendRequest(context, { method: 'GET', url });
  const parsed = authorizationServer.safeParse(body);
  if (status !== 200 || !parsed.success) {
    throw new CliError(
      'failed',
      `${broker} answered (${status}), but not as a Rolegate broker does: is the address right?`,
    );
  }
  const { data } = parsed;
  // RFC 8414 §3.3: the issuer MUST be the address that was asked. The end points too: a broker has one origin, and a
  // document that sends codes or tokens elsewhere is not its own.
  const addresses = [
    data.issuer,
    data.authorization_endpoint,
    data.token_endpoint,
    data.pushed_authorization_request_endpoint,
    data.revocation_endpoint,
  ];
  const isOwn =
    data.issuer === broker && addresses.every((each) => URL.canParse(each) && new URL(each).origin === broker);
  if (!isOwn)
    throw new CliError('failed', `${broker} calls itself by another name: use the address that it was set up with`);
  return data;
}
