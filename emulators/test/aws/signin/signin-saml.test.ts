// Row F11: the browser posts a SAMLResponse to the sign-in page.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { uniqueId } from '../../../aws/estate.ts';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { buildResponse, type ResponseParts } from '../support/assertion-builder.ts';
import {
  at,
  attributes,
  ISSUER,
  metadataFor,
  NOW,
  PROVIDER,
  ROLE,
  sampleEstate,
  sampleParts,
} from '../support/fixture.ts';
import { postForm, type RawAnswer, rawRequest } from '../support/raw-request.ts';

let aws: AwsEmulator;
let key: string;

beforeAll(async () => {
  const pair = keyPair('minting');
  key = pair.key;
  aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [pair])) });
});
afterAll(() => aws.close());

function post(
  parts: Partial<ResponseParts>,
  members: Readonly<Record<string, string>> = {},
  host = '127.0.0.1',
  path = '/saml',
): Promise<RawAnswer> {
  const SAMLResponse = buildResponse(sampleParts(parts), { key });
  return postForm(aws.url, path, { SAMLResponse, ...members }, { host });
}

const OTHER = 'arn:aws:iam::444455556666:role/Developer,arn:aws:iam::444455556666:saml-provider/rolegate';
const TWO_ROLES = attributes({ Role: [`${ROLE},${PROVIDER}`, OTHER] });

describe('POST /saml', () => {
  test('with one role goes straight to the console', async () => {
    const answer = await post({}, { RelayState: 'https://eu-west-1.console.aws.amazon.com/lambda/home' });
    expect([answer.status, answer.headers.location?.split('?')[0]]).toEqual([302, '/console/lambda/home']);
    const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const page = await rawRequest(aws.url, { path: answer.headers.location ?? '', headers: { cookie } });
    expect(page.body).toContain('alice@example.com');
    const names = aws.events.slice(-2).map((event) => event.eventName);
    expect(names).toEqual(['AssumeRoleWithSAML', 'ConsoleLogin']);
  });

  test('takes SessionDuration beyond the maximum of the role, but not past SessionNotOnOrAfter', async () => {
    const ends = async (parts: Partial<ResponseParts>): Promise<string> => {
      const answer = await post(parts);
      const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      const page = await rawRequest(aws.url, { path: '/console/home', headers: { cookie } });
      return /Session ends<\/dt><dd>([^<]+)/.exec(page.body)?.[1] ?? '';
    };
    const long = attributes({ SessionDuration: ['43200'] });
    expect(await ends({ attributes: long })).toBe('2026-03-02T00:00:00Z');
    expect(await ends({ attributes: long, sessionNotOnOrAfter: at(600) })).toBe('2026-03-01T12:10:00Z');
    expect(await ends({})).toBe('2026-03-01T13:00:00Z');
  });

  test('goes to the console home when RelayState is not a console address', async () => {
    const answer = await post({}, { RelayState: 'https://evil.example/' });
    expect(answer.headers.location).toMatch(/^\/console\/home\?region=us-east-1&/);
  });

  test('with several roles shows a chooser, whose choice is judged again', async () => {
    const page = await post({ attributes: TWO_ROLES });
    expect(page.status).toBe(200);
    expect(page.body).toContain('Payments Development (444455556666): Developer');
    expect(page.body).not.toContain('<script');
    const chosen = await post({ attributes: TWO_ROLES }, { roleArn: OTHER.split(',')[0] ?? '' });
    expect(chosen.status).toBe(302);
    const late = await post({ attributes: TWO_ROLES, issueInstant: at(-301) }, { roleArn: ROLE });
    expect(late.body).toContain(
      'Token must be redeemed within 5 minutes of issuance (Service: AWSSecurityTokenService; ',
    );
  });

  test('does not show roles of an unsigned message', async () => {
    const SAMLResponse = buildResponse(sampleParts({ attributes: TWO_ROLES }), { key, sign: 'none' });
    const { body } = await postForm(aws.url, '/saml', { SAMLResponse });
    expect(body).toContain('Response signature invalid (Service: AWSSecurityTokenService; Status Code: 400; ');
    expect(body).toContain('Please try again.');
  });

  test('asks for its own address as Recipient under a real name, for any sign-in address under a local one', async () => {
    const regional = 'https://eu-west-1.signin.aws.amazon.com/saml';
    const host = 'eu-west-1.signin.aws.amazon.com';
    const bare = await post({}, {}, host);
    expect(bare.body).toContain('Recipient is not the AWS sign-in URL');
    // The sample roles trust the bare address only: Recipient passes, the trust policy does not.
    expect((await post({ recipient: regional }, {}, host)).body).toContain('Not authorized to perform');
    expect((await post({}, {}, 'signin.aws.amazon.com')).status).toBe(302);
    expect((await post({ recipient: 'https://broker.example.com/acs' })).body).toContain('Recipient is not');
  });

  test('does not take the address of the browser for aws:SourceIp', async () => {
    const role = ROLE.replace('Developer', 'Pinned');
    expect((await post({ attributes: attributes({}, role) })).status).toBe(403);
  });

  test('knows /saml/acs/ID for the ids of its providers only', async () => {
    const id = uniqueId('SAMLSP', PROVIDER);
    const answer = await post(
      { recipient: `https://signin.aws.amazon.com/saml/acs/${id}` },
      {},
      '127.0.0.1',
      `/saml/acs/${id}`,
    );
    expect(answer.body).toContain('Not authorized to perform');
    expect((await post({}, {}, '127.0.0.1', '/saml/acs/SAMLSPX')).body).toContain('invalid SAML response');
  });

  const unusable: readonly (readonly [string, Readonly<Record<string, string>>, Partial<ResponseParts>])[] = [
    ['no SAMLResponse', { SAMLResponse: '' }, {}],
    ['no XML', { SAMLResponse: btoa('x'.repeat(9)) }, {}],
    ['no Role', {}, { attributes: attributes({ Role: [] }) }],
    ['a malformed Role', {}, { attributes: attributes({ Role: [ROLE] }) }],
    ['an empty NameID', {}, { nameId: '' }],
  ];
  for (const [name, members, parts] of unusable) {
    test(`m22 for ${name}`, async () => {
      const { status, body } = await post(parts, members);
      expect(status).toBe(400);
      expect(body).toContain('Your request included an invalid SAML response. To logout, <a');
    });
  }

  test('takes POST only', async () => {
    expect((await rawRequest(aws.url, { path: '/saml' })).status).toBe(405);
  });
});
