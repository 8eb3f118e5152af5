// What a broker says of itself, and whether it is one. RFC 8414.
import * as oauth from 'oauth4webapi';
import { type AuthorizationServer, authorizationServer } from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { requireClock } from '../machine/http.ts';
import { requestOptions } from './oauth-client.ts';

/**
 * @param broker its origin
 * @throws CliError network or clock; failed, if another server answers
 */
export async function discover(context: CliContext, broker: string): Promise<AuthorizationServer> {
  const issuer = new URL(broker);
  const options = requestOptions(context, broker);
  const response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
  requireClock(context, issuer.host, response.headers.get('date'));
  const answer = await oauth.processDiscoveryResponse(issuer, response).catch((error: Error & { code?: string }) => {
    if (error.code === oauth.JSON_ATTRIBUTE_COMPARISON) throw otherName(broker);
  });
  const { data } = authorizationServer.safeParse(answer);
  if (!data) {
    throw new CliError(
      'failed',
      `${broker} answered (${response.status}), but not as a Rolegate broker does: is the address right?`,
    );
  }
  // A broker has one origin: a document that sends codes or tokens elsewhere is not its own.
  const addresses = [
    data.authorization_endpoint,
    data.token_endpoint,
    data.pushed_authorization_request_endpoint,
    data.revocation_endpoint,
    ...(data.rolegate.decisionEndpoint === undefined ? [] : [data.rolegate.decisionEndpoint]),
  ];
  const isOwn = addresses.every((each) => URL.canParse(each) && new URL(each).origin === broker);
  // RFC 8414 §3.3: identical, and not only the same address.
  if (data.issuer !== broker || !isOwn) throw otherName(broker);
  return data;
}

function otherName(broker: string): CliError {
  return new CliError('failed', `${broker} calls itself by another name: use the address that it was set up with`);
}
