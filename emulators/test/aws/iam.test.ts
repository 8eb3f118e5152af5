// The IAM operations a doctor asks: what they tell, what they do not find, and who may not ask.
import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetSAMLProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  ListSAMLProvidersCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../test/support/key-pairs.ts';
import { type AwsEmulator, type Estate, startAws } from '../../aws/server.ts';
import { totpCode } from '../../aws/sts/mfa.ts';
import { ISSUER, metadataFor, NOW, type StsAnswer } from './support/fixture.ts';
import { postForm } from './support/raw-request.ts';
import {
  ALICE,
  allowing,
  assume,
  BROKER,
  HOME,
  keyOf,
  PARTNER,
  roleArn,
  SEED,
  SERIAL,
  signedCall,
  signedEstate,
} from './support/signed-calls.ts';

type Members = Readonly<Record<string, string>>;
let aws: AwsEmulator;
let metadata: string;
const SAML = `arn:aws:iam::${HOME}:saml-provider/rolegate`;
const OIDC = `arn:aws:iam::${HOME}:oidc-provider/broker.example.com/aws/oidc`;

function estate(): Estate {
  const [home, partner] = signedEstate().accounts;
  if (home === undefined || partner === undefined) throw new Error('two accounts');
  const providers = {
    samlProviders: { rolegate: metadata },
    oidcProviders: [
      { url: 'https://broker.example.com/aws/oidc', clientIds: ['sts.amazonaws.com'], thumbprints: ['a'.repeat(40)] },
    ],
  };
  return {
    accounts: [
      { ...home, ...providers },
      { ...partner, ...providers },
    ],
  };
}

beforeAll(async () => {
  metadata = metadataFor(ISSUER, [keyPair('minting')]);
  aws = await startAws({ now: () => NOW, estate: estate() });
});
afterAll(() => aws.close());

const iam = (members: Members, key = BROKER): Promise<StsAnswer> =>
  signedCall(aws, { ...key, service: 'iam' }, { Version: '2010-05-08', ...members });
const outcome = ({ status, code, message }: StsAnswer): unknown => [status, code, message];

describe('the SDK reads', () => {
  // The client signs with the wall clock, so this emulator runs on it too.
  let live: AwsEmulator;
  let client: IAMClient;
  beforeAll(async () => {
    live = await startAws({ now: () => new Date(performance.timeOrigin + performance.now()), estate: estate() });
    const { accessKeyId, secretAccessKey } = BROKER;
    const credentials = { accessKeyId, secretAccessKey };
    client = new IAMClient({ endpoint: live.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  });
  afterAll(() => live.close());

  test('a role with its trust policy', async () => {
    const { Role } = await client.send(new GetRoleCommand({ RoleName: 'Hub' }));
    expect(Role).toMatchObject({ Arn: roleArn('Hub'), MaxSessionDuration: 43_200, Path: '/', RoleName: 'Hub' });
    expect(Role?.Tags).toEqual([{ Key: 'team', Value: 'hub' }]);
    const policy: unknown = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''));
    expect(policy).toMatchObject({ Statement: [{ Principal: { AWS: `arn:aws:iam::${HOME}:root` } }] });
  });

  test('roles page by page, those of the own account and path only', async () => {
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(
        new ListRolesCommand({ MaxItems: 7, ...(Marker === undefined ? {} : { Marker }) }),
      );
      names.push(...(page.Roles ?? []).map((role) => role.RoleName));
      Marker = page.Marker;
    } while (Marker !== undefined);
    const own = estate().accounts[0]?.roles.map((role) => role.name) ?? [];
    expect(names).toEqual([...own].sort());
    const ops = await client.send(new ListRolesCommand({ PathPrefix: '/ops/' }));
    expect(ops.Roles?.map((role) => role.RoleName)).toEqual(['ForAlice']);
  });

  test('identity providers', async () => {
    const saml = await client.send(new GetSAMLProviderCommand({ SAMLProviderArn: SAML }));
    expect(saml.SAMLMetadataDocument).toBe(metadata);
    expect(saml.SAMLProviderUUID).toMatch(/^SAMLSP[A-Z0-9]+$/);
    expect(saml.ValidUntil?.getUTCFullYear()).toBe(2126);
    const { SAMLProviderList } = await client.send(new ListSAMLProvidersCommand({}));
    expect(SAMLProviderList?.map(({ Arn }) => Arn)).toEqual([SAML]);
    const oidc = await client.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: OIDC }));
    expect(oidc).toMatchObject({
      Url: 'broker.example.com/aws/oidc',
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: ['a'.repeat(40)],
    });
    const { OpenIDConnectProviderList } = await client.send(new ListOpenIDConnectProvidersCommand({}));
    expect(OpenIDConnectProviderList).toEqual([{ Arn: OIDC }]);
  });

  test('the name of the error', async () => {
    const call = client.send(new GetRoleCommand({ RoleName: 'Missing' }));
    await expect(call).rejects.toMatchObject({ name: 'NoSuchEntityException', $metadata: { httpStatusCode: 404 } });
  });
});

describe('IAM does not find', () => {
  const elsewhere = (arn: string): string => arn.replace(HOME, PARTNER);
  const cases: readonly (readonly [string, Members, string])[] = [
    ['a role', { Action: 'GetRole', RoleName: 'Missing' }, 'The role with name Missing cannot be found.'],
    [
      'a role of another account',
      { Action: 'GetRole', RoleName: 'Vendor' },
      'The role with name Vendor cannot be found.',
    ],
    [
      'a SAML provider',
      { Action: 'GetSAMLProvider', SAMLProviderArn: `${SAML}2` },
      `Manifest not found for arn ${SAML}2`,
    ],
    [
      'a SAML provider of another account',
      { Action: 'GetSAMLProvider', SAMLProviderArn: elsewhere(SAML) },
      `Manifest not found for arn ${elsewhere(SAML)}`,
    ],
    [
      'an OIDC provider',
      { Action: 'GetOpenIDConnectProvider', OpenIDConnectProviderArn: `${OIDC}2` },
      `OpenIDConnect Provider not found for arn ${OIDC}2`,
    ],
    [
      'an OIDC provider of another account',
      { Action: 'GetOpenIDConnectProvider', OpenIDConnectProviderArn: elsewhere(OIDC) },
      `OpenIDConnect Provider not found for arn ${elsewhere(OIDC)}`,
    ],
  ];
  for (const [name, members, message] of cases) {
    test(name, async () => {
      expect(outcome(await iam(members))).toEqual([404, 'NoSuchEntity', message]);
    });
  }
});

describe('IAM refuses', () => {
  const role = { Action: 'GetRole', RoleName: 'Hub' };
  const invalid = [403, 'InvalidClientTokenId', 'The security token included in the request is invalid'];

  test('a caller without the permission, and says why', async () => {
    expect(outcome(await iam(role, ALICE))).toEqual([
      403,
      'AccessDenied',
      `User: arn:aws:iam::${HOME}:user/alice is not authorized to perform: iam:GetRole on resource: role Hub because no identity-based policy allows the iam:GetRole action`,
    ]);
  });

  test('federated users, and user sessions without a second factor', async () => {
    const Policy = JSON.stringify(allowing('*'));
    const federated = await signedCall(aws, BROKER, { Action: 'GetFederationToken', Name: 'alice', Policy });
    const session = await signedCall(aws, BROKER, { Action: 'GetSessionToken' });
    for (const answer of [federated, session]) expect(outcome(await iam(role, keyOf(answer)))).toEqual(invalid);
    expect((await iam(role)).status).toBe(200);
    const TokenCode = totpCode(SEED, NOW);
    const members = { Action: 'GetSessionToken', SerialNumber: SERIAL, TokenCode };
    const withFactor = keyOf(await signedCall(aws, ALICE, members));
    expect((await iam(role, withFactor)).code).toBe('AccessDenied');
  });

  test('the session of a role that has no such permission', async () => {
    const hub = keyOf(await signedCall(aws, BROKER, assume('Hub')));
    expect((await iam(role, hub)).message).toContain(`User: arn:aws:sts::${HOME}:assumed-role/Hub/alice@corp.example`);
  });

  test('a signature for STS, a call without any, and operations it does not have', async () => {
    const forSts = await signedCall(aws, BROKER, { Version: '2010-05-08', ...role });
    expect(forSts.message).toBe("Credential should be scoped to correct service: 'iam'.");
    const unsigned = await fetch(aws.url, {
      method: 'POST',
      body: new URLSearchParams({ Version: '2010-05-08', ...role }),
    });
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('xmlns="https://iam.amazonaws.com/doc/2010-05-08/"');
    expect((await iam({ Action: 'AssumeRole' })).code).toBe('InvalidAction');
    const headers = { host: 'sts.amazonaws.com' };
    const atSts = await postForm(aws.url, '/', { Version: '2010-05-08', ...role }, headers);
    expect(atSts.body).toContain('<Code>InvalidAction</Code>');
    const atIam = await postForm(aws.url, '/', { Version: '2010-05-08', ...role }, { host: 'iam.amazonaws.com' });
    expect(atIam.body).toContain('<Code>MissingAuthenticationToken</Code>');
    expect((await iam({ Action: 'GetRole', RoleName: 'a b' })).code).toBe('ValidationError');
  });
});

test('the event is one of IAM', async () => {
  await iam({ Action: 'GetRole', RoleName: 'Hub' });
  expect(aws.events.at(-1)).toMatchObject({
    eventSource: 'iam.amazonaws.com',
    eventName: 'GetRole',
    requestParameters: { roleName: 'Hub' },
    userIdentity: { type: 'IAMUser', userName: 'broker' },
  });
});
