// The token and the revocation end point: a public client, known by its id alone. RFC 6749 §3.2, RFC 7009.
import { cliClientId, oauthError, type Tokens, tokens } from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { type HttpRequest, requireClock, sendAnyTime, sendRequest } from '../machine/http.ts';
import { printable } from '../machine/printable.ts';
import type { SignIn } from './tokens.ts';

type Form = Readonly<Record<string, string>>;

/**
 * @param keep is called before anything about the answer can be wrong: what was handed in is spent, and a clock that is
 *   off must not cost the sign-in
 * @returns undefined where the broker says invalid_grant: what was handed in is spent, ended or not its own
 * @throws CliError
 */
export async function requestTokens(
  context: CliContext,
  tokenEndpoint: string,
  grant: Form,
  keep: (found: Tokens) => void = () => {},
): Promise<Tokens | undefined> {
  const answer = await sendAnyTime(context, formRequest(tokenEndpoint, grant));
  const { status, body } = answer;
  const { data: found } = tokens.safeParse(status === 200 ? body : undefined);
  if (found) keep(found);
  requireClock(context, tokenEndpoint, answer);
  if (found) return found;
  const { data: refusal } = oauthError.safeParse(body);
  if (refusal?.error === 'invalid_grant') return undefined;
  throw refused(tokenEndpoint, status, body);
}

/** RFC 7009 §2.1: ends the whole grant, on the broker's side. @throws CliError */
export async function revoke(context: CliContext, { revocationEndpoint, refreshToken }: SignIn): Promise<void> {
  const form = { token: refreshToken, token_type_hint: 'refresh_token' };
  const { status, body } = await postForm(context, revocationEndpoint, form);
  if (status !== 200) throw refused(revocationEndpoint, status, body);
}

export function postForm(context: CliContext, url: string, form: Form) {
  return sendRequest(context, formRequest(url, form));
}

function formRequest(url: string, form: Form): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: cliClientId, ...form }).toString(),
  };
}

/** What an end point said instead of what was asked for. */
export function refused(url: string, status: number, body: unknown): CliError {
  const { host } = new URL(url);
  const { data } = oauthError.safeParse(body);
  const why = data ? printable(data.error_description ?? data.error) : `status ${status}`;
  return status >= 500
    ? new CliError('network', `${host} cannot answer now (${why}): try again`)
    : new CliError('failed', `${host} refused: ${why}`);
}

/** @param now when the answer came */
export function tokenFields({ access_token, expires_in, refresh_token }: Tokens, now: Date) {
  return {
    accessToken: access_token,
    accessTokenExpiresAt: new Date(now.getTime() + expires_in * 1000).toISOString(),
    refreshToken: refresh_token,
  };
}
