// Rows F1 to F3, F5, F13 and B10 for every kind of credentials there is: who has a console, who may say how long it lasts,
// who each of them is.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, type EmulatedAccount, type Estate, startAws } from '../../../aws/server.ts';
import { cookieOf, getToken, openConsole } from '../support/console-browser.ts';
import {
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  type StsAnswer,
  samlCall,
  sampleParts,
  trustPolicy,
} from '../support/fixture.ts';
import { AUDIENCE, type IssuerKey, idToken, issuerKey, OIDC_ISSUER, published } from '../support/id-token.ts';
import { postForm, rawRequest } from '../support/raw-request.ts';
import {
  allowing,
  assume,
  BROKER,
  HOME,
  keyOf,
  ROOT,
  roleArn,
  signedCall,
  signedEstate,
} from '../support/signed-calls.ts';

type Key = ReturnType<typeof keyOf>;
let aws: AwsEmulator;
const pair = keyPair('minting');
let issuer: IssuerKey;

function estate(): Estate {
  const [home, partner] = signedEstate().accounts;
  if (home === undefined || partner === undefined) throw new Error('two accounts');
  const provider = `arn:aws:iam::${HOME}:oidc-provider/${OIDC_ISSUER.slice('https://'.length)}`;
  const federated: EmulatedAccount = {
    ...home,
    samlProviders: { rolegate: metadataFor(ISSUER, [pair]) },
    oidcProviders: [{ url: OIDC_ISSUER, clientIds: [AUDIENCE] }],
    roles: [
      ...home.roles,
      { name: 'Developer', trustPolicy: trustPolicy(['sts:AssumeRoleWithSAML'], undefined) },
      { name: 'Visitor', trustPolicy: trustPolicy(['sts:AssumeRoleWithWebIdentity'], undefined, provider) },
    ],
  };
  return { accounts: [federated, partner] };
}

beforeAll(async () => {
  issuer = issuerKey('one', 'ES256');
  const documents = published([issuer]);
  const fetchPublished: typeof fetch = async (url) => Response.json(documents.get(String(url)));
  aws = await startAws({ now: () => NOW, estate: estate(), fetch: fetchPublished });
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.setEstate(estate());
  aws.setClockOffset(0);
});

const Policy = JSON.stringify(allowing('*'));
const bySaml = (): Promise<StsAnswer> => postSts(aws, samlCall(sampleParts(), { key: pair.key }));
const byToken = (): Promise<StsAnswer> =>
  postSts(aws, {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roleArn('Visitor'),
    RoleSessionName: 'alice@corp.example',
    WebIdentityToken: idToken(issuer),
  });
const byUser = (): Promise<StsAnswer> => signedCall(aws, BROKER, assume('Hub'));
const sessionOf = (key: Key): Promise<StsAnswer> => signedCall(aws, key, { Action: 'GetSessionToken' });
const federatedBy = (key: Key): Promise<StsAnswer> =>
  signedCall(aws, key, { Action: 'GetFederationToken', Name: 'alice', Policy });
const session = (name: string): string => `arn:aws:sts::${HOME}:assumed-role/${name}/alice@corp.example`;
const AROA = /^AROA[A-Z2-7]{17}:alice@corp\.example$/;

/** Name, how to get them, whether a console opens, whether SessionDuration may be said, ARN, user id. */
const kinds: readonly (readonly [string, () => Promise<Key>, boolean, boolean, string, RegExp])[] = [
  [
    'AssumeRoleWithSAML',
    async () => keyOf(await bySaml()),
    true,
    true,
    session('Developer').replace('corp.example', 'example.com'),
    /^AROA[A-Z2-7]{17}:alice@example\.com$/,
  ],
  ['AssumeRoleWithWebIdentity', async () => keyOf(await byToken()), true, true, session('Visitor'), AROA],
  ['AssumeRole by a user', async () => keyOf(await byUser()), true, true, session('Hub'), AROA],
  [
    'AssumeRole by a role',
    async () => keyOf(await signedCall(aws, keyOf(await byUser()), assume('OfHub'))),
    true,
    false,
    session('OfHub'),
    AROA,
  ],
  [
    'AssumeRole by the session of a user',
    async () => keyOf(await signedCall(aws, keyOf(await sessionOf(BROKER)), assume('Hub'))),
    true,
    false,
    session('Hub'),
    AROA,
  ],
  [
    'GetFederationToken',
    async () => keyOf(await federatedBy(BROKER)),
    true,
    false,
    `arn:aws:sts::${HOME}:federated-user/alice`,
    new RegExp(`^${HOME}:alice$`),
  ],
  [
    'GetFederationToken by the root',
    async () => keyOf(await federatedBy(ROOT)),
    true,
    false,
    `arn:aws:sts::${HOME}:federated-user/alice`,
    new RegExp(`^${HOME}:alice$`),
  ],
  [
    'GetSessionToken',
    async () => keyOf(await sessionOf(BROKER)),
    false,
    false,
    `arn:aws:iam::${HOME}:user/broker`,
    /^AIDA[A-Z2-7]{17}$/,
  ],
  [
    'GetSessionToken by the root',
    async () => keyOf(await sessionOf(ROOT)),
    false,
    false,
    `arn:aws:iam::${HOME}:root`,
    new RegExp(`^${HOME}$`),
  ],
  ['the keys of a user', async () => BROKER, false, false, `arn:aws:iam::${HOME}:user/broker`, /^AIDA[A-Z2-7]{17}$/],
  ['the keys of the root', async () => ROOT, false, false, `arn:aws:iam::${HOME}:root`, new RegExp(`^${HOME}$`)],
];

const sessionJson = ({ accessKeyId, secretAccessKey, sessionToken = '' }: Key): string =>
  JSON.stringify({ sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken });
const ask = async (key: Key, more: Readonly<Record<string, string>> = {}): Promise<number> => {
  const form = { Action: 'getSigninToken', Session: sessionJson(key), ...more };
  const { status, body } = await postForm(aws.url, '/federation', form);
  if (status !== 200) expect([status, body]).toEqual([400, expect.stringContaining('Invalid credentials parameter')]);
  return status;
};

describe.each(kinds)('%s', (_name, obtain, hasConsole, hasDuration, arn, userId) => {
  test(`F1 to F3: console ${hasConsole ? 'yes' : 'no'}, SessionDuration ${hasDuration ? 'yes' : 'no'}`, async () => {
    const key = await obtain();
    expect(await ask(key)).toBe(hasConsole ? 200 : 400);
    expect(await ask(key, { SessionDuration: '43200' })).toBe(hasDuration ? 200 : 400);
    expect(await ask(key, { SessionDuration: '900' })).toBe(hasDuration ? 200 : 400);
  });

  test('B10: who it is', async () => {
    const { status, text } = await signedCall(aws, await obtain(), { Action: 'GetCallerIdentity' });
    expect([status, elementText(text, 'Arn'), elementText(text, 'Account')]).toEqual([200, arn, HOME]);
    expect(elementText(text, 'UserId')).toMatch(userId);
  });
});

describe('a console session', () => {
  const consoleOf = async (key: Key, more: Readonly<Record<string, string>> = {}): Promise<string> => {
    const login = await openConsole(aws, await getToken(aws, { Session: sessionJson(key), ...more }));
    const headers = { cookie: cookieOf(login) };
    return (await rawRequest(aws.url, { path: String(login.headers.location), headers })).body;
  };

  test('F5 of a chained role ends with its credentials, that of a web identity when asked', async () => {
    const chained = keyOf(await signedCall(aws, keyOf(await byUser()), assume('OfHub')));
    expect(await consoleOf(chained)).toContain('2026-03-01T13:00:00Z');
    expect(await consoleOf(keyOf(await byToken()), { SessionDuration: '43200' })).toContain('2026-03-02T00:00:00Z');
  });

  test('F5 of a federated user shows its name and lasts as long as the token', async () => {
    const page = await consoleOf(keyOf(await federatedBy(BROKER)));
    expect(page).toContain('<dd>alice</dd>');
    expect(page).toContain('2026-03-02T00:00:00Z');
  });

  test('F13 tells of both steps, and never of a second factor', async () => {
    const key = keyOf(await federatedBy(BROKER));
    await consoleOf(key);
    const userIdentity = { type: 'FederatedUser', accessKeyId: key.accessKeyId };
    expect(aws.events.slice(-2)).toMatchObject([
      { eventName: 'GetSigninToken', eventSource: 'signin.amazonaws.com', userIdentity },
      { eventName: 'ConsoleLogin', userIdentity, additionalEventData: { MFAUsed: 'No' } },
    ]);
  });
});

describe('credentials that have ended', () => {
  test('F2 and T12: a second too late, they open and tell nothing', async () => {
    const key = keyOf(await byUser());
    const later = new Date(NOW.getTime() + 3600_000);
    aws.setClockOffset(3599);
    expect(await ask(key)).toBe(200);
    aws.setClockOffset(3600);
    expect(await ask(key)).toBe(400);
    const { status, code, message } = await signedCall(aws, key, { Action: 'GetCallerIdentity' }, later);
    const expired = 'The security token included in the request is expired';
    expect([status, code, message]).toEqual([403, 'ExpiredToken', expired]);
    const chained = await signedCall(aws, key, assume('OfHub'), later);
    expect([chained.status, chained.code, chained.message]).toEqual([403, 'ExpiredToken', expired]);
  });

  test('F2 and T9: those of a deleted user or role', async () => {
    const keys = [keyOf(await byUser()), keyOf(await federatedBy(BROKER)), keyOf(await sessionOf(BROKER))];
    const [home] = estate().accounts;
    if (home === undefined) throw new Error('one account');
    aws.setEstate({ accounts: [{ ...home, roles: [], users: [] }] });
    for (const key of [BROKER, ...keys]) {
      expect(await ask(key)).toBe(400);
      const answer = await signedCall(aws, key, { Action: 'GetCallerIdentity' });
      expect([answer.status, answer.code]).toEqual([403, 'InvalidClientTokenId']);
    }
  });
});

test('T5: a throttled signed call may be tried again', async () => {
  aws.faults.set({ throttleEvery: 1, times: 1 });
  const throttled = await byUser();
  expect([throttled.status, throttled.code, throttled.message]).toEqual([400, 'Throttling', 'Rate exceeded']);
  expect((await byUser()).status).toBe(200);
});
