// The steps from SAML credentials to a console, as a broker and a browser take them.
import type { AwsEmulator } from '../../../aws/server.ts';
import { attributes, elementText, postSts, samlCall, sampleParts } from './fixture.ts';
import { postForm, type RawAnswer, rawRequest } from './raw-request.ts';

type Members = Readonly<Record<string, string>>;

/** The Session parameter for fresh credentials of the role Developer in an account. */
export async function newSession(aws: AwsEmulator, key: string, account: string): Promise<string> {
  const role = `arn:aws:iam::${account}:role/Developer`;
  const parts = sampleParts({ attributes: attributes({ SourceIdentity: ['alice'] }, role) });
  const members = { RoleArn: role, PrincipalArn: `arn:aws:iam::${account}:saml-provider/rolegate` };
  const { text } = await postSts(aws, samlCall(parts, { key }, members));
  return JSON.stringify({
    sessionId: elementText(text, 'AccessKeyId'),
    sessionKey: elementText(text, 'SecretAccessKey'),
    sessionToken: elementText(text, 'SessionToken'),
  });
}

/** A SigninToken. @throws Error when none was answered */
export async function getToken(aws: AwsEmulator, members: Members, headers: Members = {}): Promise<string> {
  const { body } = await postForm(aws.url, '/federation', { Action: 'getSigninToken', ...members }, headers);
  const token = /^\{"SigninToken":"([\w-]{500,})"\}$/.exec(body)?.[1];
  if (token === undefined) throw new Error('no SigninToken');
  return token;
}

/** GET /federation?Action=login. */
export function openConsole(
  aws: AwsEmulator,
  token: string,
  members: Members = {},
  headers: Members = {},
): Promise<RawAnswer> {
  const defaults = { Issuer: 'https://portal.example.com/', Destination: 'https://console.aws.amazon.com/' };
  const query = new URLSearchParams({ Action: 'login', SigninToken: token, ...defaults, ...members });
  return rawRequest(aws.url, { path: `/federation?${query}`, headers });
}

/** The Cookie header that answers a Set-Cookie. */
export function cookieOf(answer: RawAnswer): string {
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
