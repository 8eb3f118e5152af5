// S3: what policies of the role and of the session allow.
import { describe, expect, test } from 'vitest';
import { elementText } from '../support/fixture.ts';
import { CALLER, LIST, later, s3Allow, useInvoices } from '../support/invoices.ts';

const { assume, call, setPolicies } = useInvoices();

describe('permissions', () => {
  const deny = { Statement: { Effect: 'Deny', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::invoices' } };
  const revoke = {
    Statement: {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:TokenIssueTime': later(1).toISOString() } },
    },
  };
  const onlyLogs = {
    Statement: {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: '*',
      Condition: { StringLike: { 's3:prefix': 'logs/*' } },
    },
  };
  const cases: [string, unknown[], Record<string, string>, string][] = [
    ['no policy', [], {}, 'because no identity-based policy allows the s3:ListBucket action'],
    [
      'another action',
      [s3Allow('s3:GetObject')],
      {},
      'because no identity-based policy allows the s3:ListBucket action',
    ],
    ['an explicit deny', [s3Allow('s3:*'), deny], {}, 'with an explicit deny in an identity-based policy'],
    ['a revoked session (B12)', [s3Allow('s3:*'), revoke], {}, 'with an explicit deny in an identity-based policy'],
    ['a prefix that is not theirs', [onlyLogs], {}, 'because no identity-based policy allows the s3:ListBucket action'],
    [
      'a session policy that is silent',
      [s3Allow('s3:*')],
      { Policy: JSON.stringify(s3Allow('s3:GetObject')) },
      'because no session policy allows the s3:ListBucket action',
    ],
    [
      'a session policy that denies',
      [s3Allow('s3:*')],
      { Policy: JSON.stringify({ Statement: [...s3Allow('s3:*').Statement, deny.Statement] }) },
      'with an explicit deny in a session policy',
    ],
    [
      'a managed session policy for something else',
      [s3Allow('s3:*')],
      { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/SomethingElse' },
      'because no session policy allows the s3:ListBucket action',
    ],
  ];
  test.each(cases)('%s refuses', async (_name, policies, members, why) => {
    const made = await assume(members);
    setPolicies(...policies);
    const { status, body } = await call(made);
    expect([status, elementText(body, 'Message')]).toEqual([
      403,
      `User: ${CALLER} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::invoices" ${why}`,
    ]);
  });

  test('a prefix, and session policies that allow, let in', async () => {
    const made = await assume({
      Policy: JSON.stringify(s3Allow('s3:ListBucket')),
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    });
    setPolicies(onlyLogs);
    expect((await call({ ...made, query: { ...LIST, prefix: 'logs/' } })).status).toBe(200);
  });
});
