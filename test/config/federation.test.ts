// The configuration of the federation mode, and its problems.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  change,
  createWorkplace,
  env,
  goodProduction,
  load,
  problemsOf,
  type Raw,
  type Workplace,
} from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  workplace.write('federator.secret', 'a secret access key of a user\n');
});
afterAll(() => workplace.remove());

const changed = (...changes: readonly (readonly [string, unknown])[]): Raw =>
  changes.reduce<Raw>((raw, [path, value]) => change(raw, path, value), goodProduction());
const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] };
// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
const keys = { accessKeyId: 'AKIAEXAMPLEFEDERATE0', secretAccessKey: '${file:federator.secret}' };
const tokens: readonly (readonly [string, unknown])[] = [
  ['rules[0].grant.mode', 'federation-token'],
  ['rules[0].grant.sessionPolicy', { document }],
  ['aws.federationToken', { keys: { 'payments-dev': keys } }],
];

describe('the federation mode', () => {
  test('may be set globally, on an account and in a rule', async () => {
    const raw = changed(['aws.mode', 'assume-role'], ['accounts[0].mode', 'mint'], ['rules[0].grant.mode', 'mint']);
    const { policy } = await load(workplace, raw);
    expect(policy.mode).toBe('assume-role');
    expect(policy.accounts.map(({ mode }) => mode)).toEqual(['mint', undefined]);
    expect(policy.rules[0]?.grant.mode).toBe('mint');
  });

  test('assume-role takes a hub, external ids, and whether the caller is a user', async () => {
    const assumeRole = {
      caller: 'user',
      externalId: 'all',
      hub: { roleArn: 'arn:aws:iam::111122223333:role/Hub', externalId: 'hub' },
    };
    const config = await load(workplace, changed(['aws.assumeRole', assumeRole], ['accounts[1].externalId', 'own']));
    expect(config.aws.assumeRole).toEqual({
      callerIsUser: true,
      externalId: 'all',
      externalIds: { '012345678901': 'own' },
      hub: { roleArn: 'arn:aws:iam::111122223333:role/Hub', externalId: 'hub' },
    });
    expect(config.policy.chainsRoles).toBe(true);
  });

  test.each([
    [{}, true],
    [{ caller: 'role' }, true],
    [{ caller: 'user' }, false],
  ])('assume-role with %o chains roles: %s', async (assumeRole, chains) => {
    const { policy } = await load(workplace, changed(['aws.assumeRole', assumeRole]));
    expect(policy.chainsRoles).toBe(chains);
  });

  test('federation-token takes keys by account, and a policy', async () => {
    const config = await load(workplace, changed(...tokens, ['rules[0].grant.maxDuration', '36h']));
    expect(config.aws.federationToken).toEqual({
      keys: { '012345678901': { accessKeyId: keys.accessKeyId, secretAccessKey: 'a secret access key of a user' } },
      policy: undefined,
      policyArns: [],
    });
    expect(config.policy.rules[0]?.grant.session.policy).toBe(JSON.stringify(document));
  });
});

test('a session takes a name, tags, and policies by document, preset and ARN', async () => {
  const raw = changed(
    ['portal.sessionPolicies', [{ id: 'read', label: 'Read', policy: document }]],
    ['rules[0].grant.sessionName', '{claim:urn:number}'],
    [
      'rules[0].grant.sessionTags',
      { Team: 'a', Cost: { claim: 'urn:cost', optional: true }, Who: { from: 'identityProvider' } },
    ],
    ['rules[0].grant.transitiveTags', ['Team']],
    ['rules[0].grant.sessionPolicy', { preset: 'read', arns: ['arn:aws:iam::{accountId}:policy/Boundary'] }],
    ['rules[0].grant.roleMaxDuration', '4h'],
  );
  const { policy, claimNames } = await load(workplace, raw);
  expect(policy.rules[0]?.grant).toMatchObject({
    roleMaxDurationSeconds: 14_400,
    session: {
      nameTemplate: '{claim:urn:number}',
      tags: [
        { key: 'Team', from: { kind: 'value', value: 'a' }, isOptional: false },
        { key: 'Cost', from: { kind: 'claim', name: 'urn:cost' }, isOptional: true },
        { key: 'Who', from: { kind: 'identity', field: 'idp' }, isOptional: false },
      ],
      transitiveTagKeys: ['Team'],
      policy: JSON.stringify(document),
      policyArns: ['arn:aws:iam::{accountId}:policy/Boundary'],
    },
  });
  // A session keeps no claim that nothing reads.
  expect([...claimNames].sort()).toEqual(['urn:cost', 'urn:number']);
});

const tooMany = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`Tag${index}`, 'x']));
const long = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'x'.repeat(1950), Resource: '*' }] };
const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

describe('what AWS would refuse is said before', () => {
  const grant = (key: string, value: unknown) => changed([`rules[0].grant.${key}`, value]);
  const rows: readonly (readonly [string, Raw, RegExp])[] = [
    ['51 tags', grant('sessionTags', tooMany), /^rules\[0\]\.grant\.sessionTags: AWS takes at most 50/],
    ['a key of AWS', grant('sessionTags', { 'aws:x': 'y' }), /sessionTags: aws:x is not a valid tag key/],
    ['keys that differ in case', grant('sessionTags', { Team: 'a', team: 'b' }), /team is used twice/],
    [
      'a constant that is not a valid value',
      grant('sessionTags', { Team: 'a;b' }),
      /sessionTags\.Team: is not a valid tag value/,
    ],
    ['a source that is none', grant('sessionTags', { Team: { group: 'x' } }), /sessionTags\.Team: must be a text/],
    ['a transitive key without its tag', grant('transitiveTags', ['Team']), /transitiveTags: Team is not a key/],
    ['a template without a person', grant('sessionName', 'fixed'), /sessionName: does not identify the user/],
    [
      'a policy that is none',
      grant('sessionPolicy', { document: { Version: '2012-10-17' } }),
      /sessionPolicy\.document/,
    ],
    ['no policy', grant('sessionPolicy', {}), /sessionPolicy: names no policy/],
    ['two inline policies', grant('sessionPolicy', { document, preset: 'x' }), /exclude each other/],
    ['a preset that is not there', grant('sessionPolicy', { preset: 'x' }), /preset: portal\.sessionPolicies has none/],
    ['eleven ARNs', grant('sessionPolicy', { arns: Array(11).fill(arn) }), /arns: STS takes at most 10/],
    ['an ARN of a role', grant('sessionPolicy', { arns: ['arn:aws:iam::1:role/x'] }), /arns\[0\]: is not the ARN/],
    [
      'document and ARNs too long together',
      grant('sessionPolicy', { document: long, arns: [arn] }),
      /and STS takes 2,048/,
    ],
    ['a network that is none', grant('sourceIp', ['10.1']), /sourceIp\[0\]: is not an IP address or network/],
    ['a network of everything', grant('sourceIp', ['0.0.0.0/0']), /sourceIp\[0\]: is not an IP address or network/],
    [
      'addresses that make the policy too long',
      changed(['rules[0].grant.sourceIp', ['192.0.2.1']], ['rules[0].grant.sessionPolicy', { document: long }]),
      /sourceIp: with it the session policy has \d+ characters/,
    ],
    ['13 hours of a role', grant('maxDuration', '13h'), /maxDuration: the mode mint allows at most 12 hours/],
    [
      'an external id of one letter',
      changed(['aws.assumeRole.externalId', 'x']),
      /aws\.assumeRole\.externalId: must be 2/,
    ],
    [
      'a hub that is not a role',
      changed(['aws.assumeRole.hub.roleArn', 'arn:aws:sts::111122223333:federated-user/x']),
      /hub\.roleArn: is not the ARN of an IAM role/,
    ],
    ['no keys for the account', changed(tokens[0]!, tokens[1]!), /keys has none for payments-dev/],
    [
      'no policy for federation tokens',
      changed(tokens[0]!, tokens[2]!),
      /sessionPolicy: the mode federation-token needs one/,
    ],
    [
      'keys for an unknown account',
      changed(...tokens, ['aws.federationToken.keys.other', keys]),
      /keys: no account has the id or alias other/,
    ],
    [
      'temporary keys',
      changed(...tokens, ['aws.federationToken.keys.payments-dev.accessKeyId', 'ASIAEXAMPLEFEDERATE0']),
      /is not the access key id of an IAM user/,
    ],
    [
      'a federated user with a path',
      changed(...tokens, ['rules[0].grant.role', 'team/Reader']),
      /is not the name of a federated user/,
    ],
    [
      'a secret in the file itself',
      changed(...tokens, ['aws.federationToken.keys.payments-dev.secretAccessKey', 'in the open, in the open']),
      /payments-dev\.secretAccessKey: must come from/,
    ],
  ];
  test.each(rows)('%s', async (_, raw, problem) => {
    const problems = await problemsOf(workplace, raw, env);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('in the open');
  });
});
