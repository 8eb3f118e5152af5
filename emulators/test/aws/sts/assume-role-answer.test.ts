// Row A25: what a successful AssumeRoleWithSAML answers, and what CloudTrail would show of it.
import { describe, expect, test } from 'vitest';
import { nameQualifier } from '../../../aws/saml/saml-session.ts';
import {
  ACCOUNT,
  at,
  elementText,
  ISSUER,
  NOW,
  PROVIDER,
  postSts,
  ROLE,
  samlCall,
  sampleParts,
} from '../support/fixture.ts';
import { type Change, forRole, useBench, withAttributes } from '../support/saml-cases.ts';

const bench = useBench();

describe('the answer of AssumeRoleWithSAML [A25]', () => {
  test('has the members of a recorded answer in their order, and the times of the clock', async () => {
    const { text, headers } = await bench.call({});
    const names = [...text.matchAll(/<([A-Z]\w+)[ >]/g)].map((match) => match[1]);
    expect(names).toEqual([
      ...['AssumeRoleWithSAMLResponse', 'AssumeRoleWithSAMLResult', 'Audience', 'AssumedRoleUser', 'AssumedRoleId'],
      ...['Arn', 'Credentials', 'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration', 'Subject'],
      ...['NameQualifier', 'SubjectType', 'Issuer', 'ResponseMetadata', 'RequestId'],
    ]);
    expect(text).toContain('<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
    expect(elementText(text, 'Audience')).toBe('https://signin.aws.amazon.com/saml');
    expect(elementText(text, 'AssumedRoleId')).toMatch(/^AROA[A-Z0-9]{17}:alice@example\.com$/);
    expect(elementText(text, 'Arn')).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Developer/alice@example.com`);
    expect(elementText(text, 'AccessKeyId')).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(elementText(text, 'SecretAccessKey')).toHaveLength(40);
    expect(elementText(text, 'Expiration')).toBe('2026-03-01T13:00:00Z');
    expect(elementText(text, 'SubjectType')).toBe('persistent');
    expect(elementText(text, 'RequestId')).toBe(headers.get('x-amzn-requestid'));
    expect(headers.get('date')).toBe('Sun, 01 Mar 2026 12:00:00 GMT');
    expect(headers.get('content-type')).toBe('text/xml');
  });

  test('drops the path of the role from the ARN; shows packed size and source identity when there are any', async () => {
    const { text } = await bench.call(
      forRole('ops/Admin', { SourceIdentity: ['alice'], 'PrincipalTag:team': ['pay'] }),
    );
    expect(elementText(text, 'Arn')).toContain(':assumed-role/Admin/alice@example.com');
    expect(elementText(text, 'PackedPolicySize')).toBe('1');
    expect(elementText(text, 'SourceIdentity')).toBe('alice');
  });

  test('keeps a NameID format of SAML 1.1 whole', async () => {
    const format = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    const { text } = await bench.call({ parts: { nameIdFormat: format } });
    expect(elementText(text, 'SubjectType')).toBe(format);
  });

  test('computes NameQualifier as the documented vector has it', () => {
    const qualifier = nameQualifier('https://example.com/saml', '123456789012', 'MySAMLIdP');
    expect(qualifier).toBe('1uAJanUnBc2XeUkHURMht+xam2c=');
  });

  const durations: readonly (readonly [string, Change, number])[] = [
    ['SessionDuration shortens', withAttributes({ SessionDuration: ['900'] }), 900],
    ['SessionDuration does not lengthen', withAttributes({ SessionDuration: ['43200'] }), 3600],
    ['SessionNotOnOrAfter shortens', { parts: { sessionNotOnOrAfter: at(1200) } }, 1200],
    ['DurationSeconds counts', { members: { DurationSeconds: '1800' } }, 1800],
    ['DurationSeconds up to the maximum of the role', forRole('ops/Admin', {}, { DurationSeconds: '43200' }), 43_200],
  ];
  for (const [name, change, seconds] of durations) {
    test(`duration: ${name}`, async () => {
      const { text } = await bench.call(change);
      expect(Date.parse(elementText(text, 'Expiration') ?? '')).toBe(NOW.getTime() + seconds * 1000);
    });
  }

  test('is JSON with numeric Expiration for a caller who accepts only that', async () => {
    const members = samlCall(sampleParts(), { key: bench.keys().trusted.key });
    const { text } = await postSts(bench.aws(), members, { accept: 'application/json' });
    const credentials = { Expiration: NOW.getTime() / 1000 + 3600 };
    expect(JSON.parse(text)).toMatchObject({
      AssumeRoleWithSAMLResponse: { AssumeRoleWithSAMLResult: { Credentials: credentials } },
    });
  });

  test('has fresh credentials for the same assertion again', async () => {
    const members = samlCall(sampleParts(), { key: bench.keys().trusted.key });
    const [first, second] = [await postSts(bench.aws(), members), await postSts(bench.aws(), members)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(elementText(first.text, 'AccessKeyId')).not.toBe(elementText(second.text, 'AccessKeyId'));
  });
});

describe('the event of AssumeRoleWithSAML', () => {
  test('joins assertion, person and access key, and holds no secret', async () => {
    const { text } = await bench.call({
      ...withAttributes({ SourceIdentity: ['alice'] }),
      members: { DurationSeconds: '900' },
    });
    const event = bench.aws().events.at(-1);
    expect(event).toMatchObject({
      eventTime: '2026-03-01T12:00:00Z',
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRoleWithSAML',
      awsRegion: 'us-east-1',
      recipientAccountId: ACCOUNT,
      requestID: elementText(text, 'RequestId'),
      userIdentity: {
        type: 'SAMLUser',
        userName: 'alice-id',
        principalId: `${nameQualifier(ISSUER, ACCOUNT, 'rolegate')}:alice-id`,
      },
      requestParameters: {
        sAMLAssertionID: '_assertion',
        roleSessionName: 'alice@example.com',
        sourceIdentity: 'alice',
        durationSeconds: '900',
        roleArn: ROLE,
        principalArn: PROVIDER,
      },
      responseElements: {
        issuer: ISSUER,
        subject: 'alice-id',
        credentials: { accessKeyId: elementText(text, 'AccessKeyId') },
      },
      errorCode: undefined,
    });
    const shown = JSON.stringify(event);
    expect(shown).not.toContain(elementText(text, 'SecretAccessKey'));
    expect(shown).not.toContain(elementText(text, 'SessionToken'));
  });

  test('is there for a refusal too, with its code', async () => {
    await bench.call({ parts: { recipient: 'https://broker.example.com/saml/acs' } });
    expect(bench.aws().events.at(-1)).toMatchObject({
      errorCode: 'AccessDenied',
      requestParameters: { sAMLAssertionID: '_assertion' },
      responseElements: null,
    });
  });
});
