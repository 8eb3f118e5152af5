// Row B6: AssumeRoleWithWebIdentity and the trust policies behind it.
import { describe, expect, test } from 'vitest';
import { startAws } from '../../../aws/server.ts';
import { ACCOUNT, elementText, NOW } from '../support/fixture.ts';
import { AUDIENCE, idClaims, idToken, issuerKey, OIDC_ISSUER, published } from '../support/id-token.ts';
import { postForm } from '../support/raw-request.ts';
import { keyOf, signedCall } from '../support/signed-calls.ts';
import {
  OIDC_PROVIDER,
  outcome,
  roleMember,
  SOURCE_CLAIM,
  TAGS_CLAIM,
  useWebIdentity,
} from '../support/web-identity.ts';

type Claims = Readonly<Record<string, unknown>>;
const bench = useWebIdentity();
const OK = [200, 'ok', ''];
const DENIED = [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'];
const token = (message: string): unknown => [400, 'InvalidIdentityToken', message];

describe('AssumeRoleWithWebIdentity', () => {
  test('gives credentials and tells whose', async () => {
    const answer = await bench.call({ [SOURCE_CLAIM]: 'alice' }, { DurationSeconds: '7200' });
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Visitor/alice@corp.example`;
    const shown = ['SubjectFromWebIdentityToken', 'Audience', 'Provider', 'SourceIdentity', 'Arn', 'Expiration'];
    expect(shown.map((name) => elementText(answer.text, name))).toEqual([
      'alice',
      AUDIENCE,
      OIDC_PROVIDER,
      'alice',
      arn,
      '2026-03-01T14:00:00Z',
    ]);
    const identity = await signedCall(bench.aws(), keyOf(answer), { Action: 'GetCallerIdentity' });
    expect(elementText(identity.text, 'Arn')).toBe(arn);
  });

  for (const alg of ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']) {
    test(`takes ${alg}`, async () => {
      const other = issuerKey('other', alg);
      bench.documents = published([bench.key(), other]);
      expect(outcome(await bench.call({}, { WebIdentityToken: idToken(other) }))).toEqual(OK);
    });
  }

  test('takes an audience in a list, and azp in its place', async () => {
    expect(outcome(await bench.call({ aud: ['x', AUDIENCE] }))).toEqual(OK);
    expect(outcome(await bench.call({ aud: 'x', azp: AUDIENCE }))).toEqual(OK);
    expect(outcome(await bench.call({ aud: AUDIENCE, azp: 'x' }))).toEqual(token('Incorrect token audience'));
  });
});

describe('B6 the trust policy', () => {
  const tags = { [TAGS_CLAIM]: { principal_tags: { team: ['payments'] }, transitive_tag_keys: ['team'] } };
  const cases: readonly (readonly [string, Claims, Claims])[] = [
    ['OfAlice', {}, { sub: 'bob' }],
    ['WithFactor', { amr: ['pwd', 'mfa'] }, { amr: ['pwd'] }],
    ['WithFactor', { amr: ['mfa'] }, {}],
    ['OfTeam', tags, { [TAGS_CLAIM]: { principal_tags: { team: ['audit'] } } }],
    ['OfTeam', tags, {}],
    ['Traced', { [SOURCE_CLAIM]: 'alice' }, {}],
    ['Visitor', { aud: AUDIENCE }, { aud: 'second' }],
    ['Bare', {}, tags],
    ['Bare', {}, { [SOURCE_CLAIM]: 'alice' }],
  ];
  for (const [name, allowed, refused] of cases) {
    test(`${name}: ${JSON.stringify(refused)}`, async () => {
      expect(outcome(await bench.call(allowed, roleMember(name)))).toEqual(OK);
      expect(outcome(await bench.call(refused, roleMember(name)))).toEqual(DENIED);
    });
  }

  for (const name of ['Other', 'Missing', 'visitor']) {
    test(`does not open ${name}`, async () => {
      expect(outcome(await bench.call({}, roleMember(name)))).toEqual(DENIED);
    });
  }
});

test('B3, B5 and the constraints hold here as well', async () => {
  const longer = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
  expect(outcome(await bench.call({}, { DurationSeconds: '7201' }))).toEqual([400, 'ValidationError', longer]);
  const arn = `arn:aws:iam::${ACCOUNT}:user/x`;
  expect(outcome(await bench.call({}, { RoleArn: arn }))).toEqual([400, 'ValidationError', `${arn} is invalid`]);
  expect(outcome(await bench.call({}, { WebIdentityToken: 'x'.repeat(20_001) }))).toEqual([
    400,
    'ValidationError',
    "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000",
  ]);
});

test('T7 a region switched off in the account of the role', async () => {
  const members = { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleSessionName: 'alice' };
  const form = { ...members, ...roleMember('Visitor'), WebIdentityToken: idToken(bench.key()) };
  const at = (host: string) => postForm(bench.aws().url, '/', form, { host });
  expect((await at('sts.eu-west-1.amazonaws.com')).status).toBe(200);
  const south = await at('sts.eu-south-1.amazonaws.com');
  expect([south.status, elementText(south.body, 'Code')]).toEqual([403, 'RegionDisabledException']);
});

test('the event names the person, the role and the bench.key(), and carries no token', async () => {
  const members = { WebIdentityToken: idToken(bench.key(), idClaims({ [SOURCE_CLAIM]: 'alice' })) };
  const answer = await bench.call({}, members);
  expect(bench.aws().events.at(-1)).toMatchObject({
    eventName: 'AssumeRoleWithWebIdentity',
    recipientAccountId: ACCOUNT,
    userIdentity: { type: 'WebIdentityUser', principalId: `${OIDC_PROVIDER}:${AUDIENCE}:alice`, userName: 'alice' },
    requestParameters: { roleSessionName: 'alice@corp.example', sourceIdentity: 'alice' },
    responseElements: { credentials: { accessKeyId: keyOf(answer).accessKeyId }, subjectFromWebIdentityToken: 'alice' },
  });
  expect(JSON.stringify(bench.aws().events)).not.toContain(members.WebIdentityToken.split('.')[2]);
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
