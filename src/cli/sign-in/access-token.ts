// The access token of a sign-in, renewed when its time is up. A refresh token is spent by its use (RFC 9700 §4.14.2), so
// one process at a time renews, and looks first whether another just did.
import type { CliContext } from '../machine/context.ts';
import { withLock } from '../machine/lock.ts';
import { requestTokens, tokenFields } from './token-request.ts';
import { endedSignIn, noSignIn, readSignIn, removeSignIn, type SignIn, tokenLock, writeSignIn } from './tokens.ts';

const marginMs = 30_000;
const lockTimeoutMs = 90_000;

/**
 * @param refused a token that the broker did not take, whatever its time says
 * @throws CliError login, when there is no sign-in or it has ended
 */
export async function accessToken(context: CliContext, broker: string, refused?: string): Promise<string> {
  const found = readSignIn(context, broker);
  if (!found) throw noSignIn(context, broker);
  if (isUsable(context, found, refused)) return found.accessToken;
  return withLock(context, tokenLock(broker), lockTimeoutMs, async () => {
    const current = readSignIn(context, broker);
    if (!current) throw noSignIn(context, broker);
    return isUsable(context, current, refused) ? current.accessToken : renew(context, current);
  });
}

function isUsable(
  context: CliContext,
  { accessToken: token, accessTokenExpiresAt }: SignIn,
  refused?: string,
): boolean {
  return token !== refused && Date.parse(accessTokenExpiresAt) - marginMs > context.clock.now().getTime();
}

async function renew(context: CliContext, current: SignIn): Promise<string> {
  const { broker, tokenEndpoint, refreshToken } = current;
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const tokens = await requestTokens(context, tokenEndpoint, grant, (found) =>
    writeSignIn(context, { ...current, ...tokenFields(found, context.clock.now()) }),
  );
  if (!tokens) {
    // Ended, revoked, or spent by a refresh whose answer was lost: the broker has ended the family. Nothing here works now.
    removeSignIn(context, broker);
    throw endedSignIn(context, broker);
  }
  return tokens.access_token;
}
