// What a federated session carries on: tags, source identity and revocation of a SAML session that assumes another role,
// and the events by which an auditor follows it back.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, type Estate, startAws } from '../../../aws/server.ts';
import {
  ACCOUNT,
  attributes,
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  PROVIDER,
  postSts,
  ROLE,
  samlCall,
  sampleParts,
} from '../support/fixture.ts';
import { ALL_ACTIONS, allowing, assume, keyOf, signedCall, trusting } from '../support/signed-calls.ts';

let aws: AwsEmulator;
const pair = keyPair('minting');

function estate(policies: readonly unknown[] = [], condition: object = {}): Estate {
  const actions = ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'];
  const bySaml = { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: actions, Condition: condition };
  const toTarget = { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'payments' } } };
  return {
    accounts: [
      {
        id: ACCOUNT,
        name: 'Payments Production',
        samlProviders: { rolegate: metadataFor(ISSUER, [pair]) },
        roles: [
          {
            name: 'Developer',
            trustPolicy: { Statement: [bySaml] },
            policies: [allowing([...ALL_ACTIONS, 'iam:GetRole']), ...policies],
          },
          { name: 'Target', trustPolicy: trusting(`arn:aws:iam::${ACCOUNT}:root`, toTarget) },
        ],
      },
    ],
  };
}

beforeAll(async () => {
  aws = await startAws({ now: () => NOW, estate: estate() });
});
afterAll(() => aws.close());
beforeEach(() => aws.setEstate(estate()));

const signIn = async () => {
  const more = {
    'PrincipalTag:Team': ['payments'],
    'PrincipalTag:cost': ['c1'],
    TransitiveTagKeys: ['Team'],
    SourceIdentity: ['alice'],
  };
  return postSts(aws, samlCall(sampleParts({ attributes: attributes(more) }), { key: pair.key }));
};

test('a SAML session hands its transitive tags and source identity to the next role, for an hour', async () => {
  const saml = keyOf(await signIn());
  const chained = await signedCall(aws, saml, assume('Target'));
  expect([chained.status, elementText(chained.text, 'SourceIdentity')]).toEqual([200, 'alice']);
  const longer = await signedCall(aws, saml, assume('Target', { DurationSeconds: '3601' }));
  expect(longer.message).toMatch(/exceeds the 1 hour session limit for roles assumed by role chaining/);
  const otherwise = await signedCall(aws, saml, assume('Target', { SourceIdentity: 'bob' }));
  expect(otherwise.code).toBe('AccessDenied');
});

test('an auditor finds the way from the last key to the assertion', async () => {
  const first = await signIn();
  const saml = keyOf(first);
  const last = keyOf(await signedCall(aws, saml, assume('Target')));
  await signedCall(aws, last, { Action: 'GetCallerIdentity' });
  const [assertion, chain, call] = aws.events.slice(-3);
  expect(call?.userIdentity).toMatchObject({
    type: 'AssumedRole',
    accessKeyId: last.accessKeyId,
    sessionContext: { sourceIdentity: 'alice' },
  });
  expect(chain).toMatchObject({
    userIdentity: { accessKeyId: saml.accessKeyId, sessionContext: { sourceIdentity: 'alice' } },
    responseElements: { credentials: { accessKeyId: last.accessKeyId } },
  });
  expect(assertion).toMatchObject({
    eventName: 'AssumeRoleWithSAML',
    requestParameters: { sAMLAssertionID: '_assertion', sourceIdentity: 'alice', roleArn: ROLE },
    responseElements: { credentials: { accessKeyId: saml.accessKeyId } },
  });
});

test('B12 a revoked session still learns who it is, and may do nothing any more; a later one may', async () => {
  const revoked = keyOf(await signIn());
  const before = new Date(NOW.getTime() + 60_000).toISOString();
  const condition = { Condition: { DateLessThan: { 'aws:TokenIssueTime': before } } };
  const deny = { Statement: { Effect: 'Deny', Action: '*', Resource: '*', ...condition } };
  aws.setEstate(estate([deny]));
  expect((await signedCall(aws, revoked, { Action: 'GetCallerIdentity' })).status).toBe(200);
  expect((await signedCall(aws, revoked, assume('Target'))).code).toBe('AccessDenied');
  const read = { Version: '2010-05-08', Action: 'GetRole', RoleName: 'Target' };
  const { message } = await signedCall(aws, { ...revoked, service: 'iam' }, read);
  expect(message).toMatch(/with an explicit deny in an identity-based policy$/);
  aws.setClockOffset(60);
  const later = new Date(NOW.getTime() + 60_000);
  expect((await signedCall(aws, keyOf(await signIn()), assume('Target'), later)).status).toBe(200);
  aws.setClockOffset(0);
});

test('a trust policy with an end date refuses every caller after that date', async () => {
  const until = (time: string) => estate([], { DateLessThan: { 'aws:CurrentTime': time } });
  aws.setEstate(until('2026-03-01T12:00:01Z'));
  expect((await signIn()).status).toBe(200);
  aws.setEstate(until('2026-03-01T12:00:00Z'));
  expect((await signIn()).code).toBe('AccessDenied');
});
