// Row B8: GetSessionToken with and without a second factor, what its credentials may call, and the two small operations
// beside it (B11 and GetAccessKeyInfo).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { totpCode } from '../../../aws/sts/mfa.ts';
import { elementText, NOW, type StsAnswer } from '../support/fixture.ts';
import {
  ALICE,
  assume,
  BROKER,
  HOME,
  keyOf,
  ROOT,
  SEED,
  SERIAL,
  signedCall,
  signedEstate,
} from '../support/signed-calls.ts';

type Members = Readonly<Record<string, string>>;
let aws: AwsEmulator;

beforeAll(async () => {
  aws = await startAws({ now: () => NOW, estate: signedEstate() });
});
afterAll(() => aws.close());

const session = (members: Members = {}): Record<string, string> => ({ Action: 'GetSessionToken', ...members });
const byAlice = (members: Members): Promise<StsAnswer> => signedCall(aws, ALICE, session(members));
const outcome = ({ status, code, message }: StsAnswer): unknown => [status, code, message];
const code = (minutes = 0): string => totpCode(SEED, new Date(NOW.getTime() + minutes * 60_000));
const FAILED = 'MultiFactorAuthentication failed';

describe('the codes of a device', () => {
  test('are those of RFC 6238 Appendix B', () => {
    const shown = [59, 1111111109, 1234567890, 20000000000].map((seconds) => totpCode(SEED, new Date(seconds * 1000)));
    expect(shown).toEqual(['287082', '081804', '005924', '353130']);
  });
});

describe('GetSessionToken', () => {
  test('gives the user a session of twelve hours that is still the user', async () => {
    const answer = await byAlice({});
    expect([answer.status, elementText(answer.text, 'Expiration')]).toEqual([200, '2026-03-02T00:00:00Z']);
    const identity = await signedCall(aws, keyOf(answer), { Action: 'GetCallerIdentity' });
    expect(elementText(identity.text, 'Arn')).toBe(`arn:aws:iam::${HOME}:user/alice`);
    expect(elementText(identity.text, 'UserId')).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect(aws.events.at(-1)).toMatchObject({
      userIdentity: { type: 'IAMUser', sessionContext: { attributes: { mfaAuthenticated: 'false' } } },
    });
  });

  test('lasts up to 36 hours; the session of a root one', async () => {
    const end = async (key: typeof ALICE) =>
      elementText((await signedCall(aws, key, session({ DurationSeconds: '129600' }))).text, 'Expiration');
    expect([await end(ALICE), await end(ROOT)]).toEqual(['2026-03-03T00:00:00Z', '2026-03-01T13:00:00Z']);
    const { message } = await byAlice({ DurationSeconds: '129601' });
    expect(message).toContain("Value '129601' at 'durationSeconds' failed to satisfy constraint");
  });

  const wrong = [403, 'AccessDenied', `${FAILED} with invalid MFA one time pass code.`];
  const half = [403, 'AccessDenied', `${FAILED}, must provide both MFA serial number and one time pass code.`];
  const unknown = [
    403,
    'AccessDenied',
    `${FAILED}, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.`,
  ];
  const refused: readonly (readonly [string, Members, unknown])[] = [
    ['a wrong code', { SerialNumber: SERIAL, TokenCode: '000000' }, wrong],
    ['a code of five minutes ago', { SerialNumber: SERIAL, TokenCode: code(-5) }, wrong],
    ['an unknown device', { SerialNumber: `${SERIAL}2`, TokenCode: code() }, unknown],
    ['no code', { SerialNumber: SERIAL }, half],
    ['no serial number', { TokenCode: code() }, half],
  ];
  for (const [name, members, expected] of refused) {
    test(`B8 refuses ${name}`, async () => {
      expect(outcome(await byAlice(members))).toEqual(expected);
    });
  }

  test('B8 refuses the device of another user', async () => {
    const answer = await signedCall(aws, BROKER, session({ SerialNumber: SERIAL, TokenCode: code() }));
    expect(outcome(answer)).toEqual(unknown);
  });

  test('B8 takes a code once; the session then has the second factor', async () => {
    const members = { SerialNumber: SERIAL, TokenCode: code() };
    const answer = await byAlice(members);
    expect(outcome(answer)).toEqual([200, 'ok', '']);
    expect(outcome(await byAlice(members))).toEqual(wrong);
    await signedCall(aws, keyOf(answer), { Action: 'GetCallerIdentity' });
    expect(aws.events.at(-1)).toMatchObject({
      userIdentity: { sessionContext: { attributes: { mfaAuthenticated: 'true' } } },
    });
    expect(JSON.stringify(aws.events)).not.toContain(`"${members.TokenCode}"`);
  });

  test('B7 refuses a session', async () => {
    const answer = await signedCall(aws, keyOf(await byAlice({})), session());
    expect(outcome(answer)).toEqual([403, 'AccessDenied', 'Cannot call GetSessionToken with session credentials']);
  });

  test('its credentials assume roles, chained, and call nothing else of STS', async () => {
    const key = keyOf(await signedCall(aws, BROKER, session()));
    expect((await signedCall(aws, key, assume('Account', { DurationSeconds: '3600' }))).status).toBe(200);
    const longer = await signedCall(aws, key, assume('Account', { DurationSeconds: '7200' }));
    expect(longer.message).toMatch(/exceeds the 1 hour session limit/);
    const info = await signedCall(aws, key, { Action: 'GetAccessKeyInfo', AccessKeyId: BROKER.accessKeyId });
    expect(outcome(info)).toEqual([
      403,
      'AccessDenied',
      `User: arn:aws:iam::${HOME}:user/broker is not authorized to perform: sts:GetAccessKeyInfo on resource: *`,
    ]);
  });
});

describe('the two small ones', () => {
  test('GetAccessKeyInfo tells the account of a key', async () => {
    const { status, text } = await signedCall(aws, BROKER, {
      Action: 'GetAccessKeyInfo',
      AccessKeyId: ALICE.accessKeyId,
    });
    expect([status, elementText(text, 'Account')]).toEqual([200, HOME]);
  });

  test('B11 DecodeAuthorizationMessage finds no message in junk', async () => {
    const members = { Action: 'DecodeAuthorizationMessage', EncodedMessage: 'junk' };
    expect(outcome(await signedCall(aws, ROOT, members))).toEqual([
      400,
      'InvalidAuthorizationMessageException',
      'Message is not valid',
    ]);
    expect((await signedCall(aws, ALICE, members)).code).toBe('AccessDenied');
  });
});
