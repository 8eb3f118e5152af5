// The access token of a sign-in, renewed when its time is up. A refresh token is spent by its use (RFC 9700 §4.14.2), so
// one process at a time renews, and looks first whether another just did.
import type { CliContext } from '../machine/context.ts';
import { withLock } from '../machine/lock.ts';
import { createOAuthClient } from './oauth-client.ts';
import {
  endedSignIn,
  noSignIn,
  readSignIn,
  removeSignIn,
  type SignIn,
  serverOf,
  tokenLock,
  writeSignIn,
} from './tokens.ts';

const marginMs = 30_000;
const lockTimeoutMs = 90_000;

/**
 * A sign-in with an access token that has time left.
 * @param refused a token that the broker did not take, whatever its time says
 * @throws CliError login, when there is no sign-in or it has expired
 */
export async function accessToken(context: CliContext, broker: string, refused?: string): Promise<SignIn> {
  const found = readSignIn(context, broker);
  if (!found) throw noSignIn(context, broker);
  if (isUsable(context, found, refused)) return found;
  return withLock(context, tokenLock(broker), lockTimeoutMs, async () => {
    const current = readSignIn(context, broker);
    if (!current) throw noSignIn(context, broker);
    return isUsable(context, current, refused) ? current : renew(context, current);
  });
}

function isUsable(
  context: CliContext,
  { accessToken: token, accessTokenExpiresAt }: SignIn,
  refused?: string,
): boolean {
  return token !== refused && Date.parse(accessTokenExpiresAt) - marginMs > context.clock.now().getTime();
}

async function renew(context: CliContext, current: SignIn): Promise<SignIn> {
  const tokens = await createOAuthClient(context, serverOf(current), current.key).refresh(
    current.refreshToken,
    (found) => writeSignIn(context, { ...current, ...found }),
  );
  if (!tokens) {
    // Expired, revoked, or spent by a refresh whose answer was lost: the broker has ended the family, and no token here works.
    removeSignIn(context, current.broker);
    throw endedSignIn(context, current.broker);
  }
  return { ...current, ...tokens };
}
