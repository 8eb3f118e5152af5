// Row B6: AssumeRoleWithWebIdentity. Every refusal is a complete call with one thing changed; the issuer is read through
// an injected fetch.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEmulator, type EmulatedAccount, type Estate, startAws } from './server.ts';
import { ACCOUNT, elementText, NOW, postSts, type StsAnswer } from './support/fixture.ts';
import { AUDIENCE, type IssuerKey, idClaims, idToken, issuerKey, OIDC_ISSUER, published } from './support/id-token.ts';
import { keyOf, signedCall } from './support/signed-calls.ts';

type Members = Readonly<Record<string, string>>;
type Claims = Readonly<Record<string, unknown>>;
const ISSUER_NAME = 'broker.example.com/aws/oidc';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER_NAME}`;
const TAGS = 'https://aws.amazon.com/tags';
const SOURCE = 'https://aws.amazon.com/source_identity';
const ALL = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'];

let aws: AwsEmulator;
let key: IssuerKey;
let documents: Map<string, unknown>;

const trust = (Condition: object | undefined, Action: unknown = ALL, Federated = PROVIDER): unknown => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Federated }, Action, ...(Condition === undefined ? {} : { Condition }) }],
});
const AUD = { StringEquals: { [`${ISSUER_NAME}:aud`]: AUDIENCE } };

function estate(): Estate {
  const home: EmulatedAccount = {
    id: ACCOUNT,
    name: 'Payments Production',
    oidcProviders: [{ url: OIDC_ISSUER, clientIds: [AUDIENCE, 'second'], thumbprints: ['a'.repeat(40)] }],
    disabledStsRegions: ['eu-south-1'],
    roles: [
      { name: 'Visitor', maxSessionDuration: 7200, trustPolicy: trust(AUD) },
      { name: 'OfAlice', trustPolicy: trust({ StringLike: { [`${ISSUER_NAME.toUpperCase()}:sub`]: 'ali*' } }) },
      { name: 'WithFactor', trustPolicy: trust({ 'ForAnyValue:StringEquals': { [`${ISSUER_NAME}:amr`]: 'mfa' } }) },
      { name: 'OfTeam', trustPolicy: trust({ StringEquals: { 'aws:RequestTag/team': 'payments' } }) },
      { name: 'Traced', trustPolicy: trust({ StringEquals: { 'sts:SourceIdentity': 'alice' } }) },
      { name: 'Bare', trustPolicy: trust(AUD, 'sts:AssumeRoleWithWebIdentity') },
      { name: 'Other', trustPolicy: trust(AUD, ALL, PROVIDER.replace('oidc-provider', 'saml-provider')) },
    ],
  };
  const second = {
    id: '444455556666',
    name: 'Payments Development',
    roles: [{ name: 'Visitor', trustPolicy: trust(AUD) }],
  };
  return { accounts: [home, second] };
}

/** An issuer on the network: 404 for what it does not publish, a number as that status, an Error as a dead line. */
const fetchPublished: typeof fetch = async (url) => {
  const document = documents.get(String(url));
  if (document instanceof Error) throw document;
  if (typeof document === 'number') return new Response('', { status: document });
  return document === undefined ? new Response('', { status: 404 }) : Response.json(document);
};

beforeAll(async () => {
  key = issuerKey('one', 'RS256');
  aws = await startAws({ now: () => NOW, estate: estate(), fetch: fetchPublished });
});
afterAll(() => aws.close());
beforeEach(() => {
  documents = published([key]);
});

const call = (claims: Claims = {}, members: Members = {}): Promise<StsAnswer> =>
  postSts(aws, {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/Visitor`,
    RoleSessionName: 'alice@corp.example',
    WebIdentityToken: idToken(key, idClaims(claims)),
    ...members,
  });
const role = (name: string, account = ACCOUNT): Members => ({ RoleArn: `arn:aws:iam::${account}:role/${name}` });
const outcome = ({ status, code, message }: StsAnswer): unknown => [status, code, message];
const OK = [200, 'ok', ''];
const token = (message: string): unknown => [400, 'InvalidIdentityToken', message];
const DENIED = [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'];
const NO_KEY = token(
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
);
const seconds = NOW.getTime() / 1000;

describe('AssumeRoleWithWebIdentity', () => {
  test('gives credentials and tells whose', async () => {
    const answer = await call({ [SOURCE]: 'alice' }, { DurationSeconds: '7200' });
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Visitor/alice@corp.example`;
    const shown = ['SubjectFromWebIdentityToken', 'Audience', 'Provider', 'SourceIdentity', 'Arn', 'Expiration'];
    expect(shown.map((name) => elementText(answer.text, name))).toEqual([
      'alice',
      AUDIENCE,
      PROVIDER,
      'alice',
      arn,
      '2026-03-01T14:00:00Z',
    ]);
    const identity = await signedCall(aws, keyOf(answer), { Action: 'GetCallerIdentity' });
    expect(elementText(identity.text, 'Arn')).toBe(arn);
  });

  for (const alg of ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']) {
    test(`takes ${alg}`, async () => {
      const other = issuerKey('other', alg);
      documents = published([key, other]);
      expect(outcome(await call({}, { WebIdentityToken: idToken(other) }))).toEqual(OK);
    });
  }

  test('takes an audience in a list, and azp in its place', async () => {
    expect(outcome(await call({ aud: ['x', AUDIENCE] }))).toEqual(OK);
    expect(outcome(await call({ aud: 'x', azp: AUDIENCE }))).toEqual(OK);
    expect(outcome(await call({ aud: AUDIENCE, azp: 'x' }))).toEqual(token('Incorrect token audience'));
  });
});

describe('B6 refuses a token', () => {
  const claims: readonly (readonly [string, Claims, unknown])[] = [
    [
      'of an issuer the account does not know',
      { iss: 'https://x.example' },
      token('No OpenIDConnect provider found in your account for https://x.example'),
    ],
    [
      'of the issuer with a slash too many',
      { iss: `${OIDC_ISSUER}/` },
      token(`No OpenIDConnect provider found in your account for ${OIDC_ISSUER}/`),
    ],
    ['for another audience', { aud: 'x' }, token('Incorrect token audience')],
    ['without a subject', { sub: undefined }, token('Missing a required claim: sub')],
    [
      'that has expired',
      { exp: seconds },
      [
        400,
        'ExpiredTokenException',
        `Token expired: current date/time ${seconds} must be before the expiration date/time ${seconds}`,
      ],
    ],
    ['of tomorrow', { nbf: seconds + 3600 }, token('Token is not yet valid')],
    [
      'with two values of one tag',
      { [TAGS]: { principal_tags: { a: ['b', 'c'] } } },
      [400, 'ValidationError', 'Unable to validate tags'],
    ],
    [
      'with a transitive key without its tag',
      { [TAGS]: { principal_tags: { a: ['b'] }, transitive_tag_keys: ['c'] } },
      [400, 'InvalidParameterValue', 'The specified transitive tag key must be included in the requested tags.'],
    ],
    [
      'with a source identity that is none',
      { [SOURCE]: 'a b' },
      token('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'),
    ],
  ];
  for (const [name, changed, expected] of claims) {
    test(name, async () => {
      expect(outcome(await call(changed))).toEqual(expected);
    });
  }

  const junk = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)';
  const tokens: readonly (readonly [string, () => string, unknown])[] = [
    ['that is none', () => 'access-token', token(junk)],
    ['with a broken signature', () => `${idToken(key).slice(0, -8)}AAAAAAAA`, NO_KEY],
    [
      'with other claims than were signed',
      () => idToken(key).replace(/\.[^.]+\./, `.${idToken(key, idClaims({ sub: 'bob' })).split('.')[1]}.`),
      NO_KEY,
    ],
    ['without a signature', () => idToken(key, idClaims(), { alg: 'none' }).replace(/[^.]+$/, 'x'), NO_KEY],
    ['with a key nobody published', () => idToken(issuerKey('two', 'RS256')), NO_KEY],
    ["with a stranger's key of the same name", () => idToken(issuerKey('one', 'RS256')), NO_KEY],
    ['without the name of a key', () => idToken(key, idClaims(), { kid: undefined }), NO_KEY],
    ['with an algorithm STS does not take', () => idToken(key, idClaims(), { alg: 'PS256' }), NO_KEY],
    ['with the algorithm of another kind of key', () => idToken(key, idClaims(), { alg: 'ES256' }), NO_KEY],
  ];
  for (const [name, made, expected] of tokens) {
    test(name, async () => {
      expect(outcome(await call({}, { WebIdentityToken: made() }))).toEqual(expected);
    });
  }

  const discovery = `${OIDC_ISSUER}/.well-known/openid-configuration`;
  const issuers: readonly (readonly [string, string, unknown, unknown])[] = [
    ['whose issuer publishes nothing', discovery, undefined, NO_KEY],
    [
      'whose issuer calls itself otherwise',
      discovery,
      { issuer: 'https://x.example', jwks_uri: `${OIDC_ISSUER}/jwks` },
      NO_KEY,
    ],
    [
      'whose keys come over http',
      discovery,
      { issuer: OIDC_ISSUER, jwks_uri: 'http://broker.example.com/jwks' },
      NO_KEY,
    ],
    ['whose keys are not there', `${OIDC_ISSUER}/jwks`, 404, NO_KEY],
    ['whose issuer cannot be reached', discovery, new Error('ECONNREFUSED'), NO_KEY],
    [
      'whose issuer stumbles, and says that it may be tried again',
      discovery,
      503,
      [400, 'IDPCommunicationError', 'The identity provider could not be reached. Please try again.'],
    ],
  ];
  for (const [name, url, document, expected] of issuers) {
    test(name, async () => {
      documents.set(url, document);
      expect(outcome(await call())).toEqual(expected);
    });
  }

  test('of a provider that only another account has', async () => {
    const answer = await call({}, role('Visitor', '444455556666'));
    expect(outcome(answer)).toEqual(token(`No OpenIDConnect provider found in your account for ${OIDC_ISSUER}`));
  });

  test('with a ProviderId, which is for the tokens of Amazon and Facebook', async () => {
    const answer = await call({}, { ProviderId: 'www.amazon.com' });
    expect(outcome(answer)).toEqual(token('Provided Token is not a Login With Amazon token'));
  });
});

describe('B6 the trust policy', () => {
  const tags = { [TAGS]: { principal_tags: { team: ['payments'] }, transitive_tag_keys: ['team'] } };
  const cases: readonly (readonly [string, Claims, Claims])[] = [
    ['OfAlice', {}, { sub: 'bob' }],
    ['WithFactor', { amr: ['pwd', 'mfa'] }, { amr: ['pwd'] }],
    ['WithFactor', { amr: ['mfa'] }, {}],
    ['OfTeam', tags, { [TAGS]: { principal_tags: { team: ['audit'] } } }],
    ['OfTeam', tags, {}],
    ['Traced', { [SOURCE]: 'alice' }, {}],
    ['Visitor', { aud: AUDIENCE }, { aud: 'second' }],
    ['Bare', {}, tags],
    ['Bare', {}, { [SOURCE]: 'alice' }],
  ];
  for (const [name, allowed, refused] of cases) {
    test(`${name}: ${JSON.stringify(refused)}`, async () => {
      expect(outcome(await call(allowed, role(name)))).toEqual(OK);
      expect(outcome(await call(refused, role(name)))).toEqual(DENIED);
    });
  }

  for (const name of ['Other', 'Missing', 'visitor']) {
    test(`does not open ${name}`, async () => {
      expect(outcome(await call({}, role(name)))).toEqual(DENIED);
    });
  }
});

test('B3, B5 and the constraints hold here as well', async () => {
  const longer = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
  expect(outcome(await call({}, { DurationSeconds: '7201' }))).toEqual([400, 'ValidationError', longer]);
  const arn = `arn:aws:iam::${ACCOUNT}:user/x`;
  expect(outcome(await call({}, { RoleArn: arn }))).toEqual([400, 'ValidationError', `${arn} is invalid`]);
  expect(outcome(await call({}, { WebIdentityToken: 'x'.repeat(20_001) }))).toEqual([
    400,
    'ValidationError',
    "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000",
  ]);
});

test('the event names the person, the role and the key, and carries no token', async () => {
  const members = { WebIdentityToken: idToken(key, idClaims({ [SOURCE]: 'alice' })) };
  const answer = await call({}, members);
  expect(aws.events.at(-1)).toMatchObject({
    eventName: 'AssumeRoleWithWebIdentity',
    recipientAccountId: ACCOUNT,
    userIdentity: { type: 'WebIdentityUser', principalId: `${PROVIDER}:${AUDIENCE}:alice`, userName: 'alice' },
    requestParameters: { roleSessionName: 'alice@corp.example', sourceIdentity: 'alice' },
    responseElements: { credentials: { accessKeyId: keyOf(answer).accessKeyId }, subjectFromWebIdentityToken: 'alice' },
  });
  expect(JSON.stringify(aws.events)).not.toContain(members.WebIdentityToken.split('.')[2]);
});

test('an estate takes https providers, http ones on this machine, and thumbprints of 40 hex digits', async () => {
  const start = async (url: string, thumbprint = 'a'.repeat(40)): Promise<void> => {
    const provider = { url, clientIds: [], thumbprints: [thumbprint] };
    const account = { id: ACCOUNT, name: 'x', roles: [], oidcProviders: [provider] };
    await (await startAws({ now: () => NOW, estate: { accounts: [account] } })).close();
  };
  await start('http://127.0.0.1:8080/aws/oidc');
  await expect(start('http://broker.example.com')).rejects.toThrow('begins with https://');
  await expect(start(OIDC_ISSUER, 'abc')).rejects.toThrow('40 hex digits');
});
