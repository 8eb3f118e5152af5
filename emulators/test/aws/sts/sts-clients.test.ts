// The AWS CLI and boto3 read what the signed operations, web identity and IAM answer; where moto is, its answers have the
// same members. boto3 and moto are tried wherever a Python has them.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { awsCliPath } from '../../../../test/support/parts/parts.ts';
import { type AwsEmulator, type Estate, startAws } from '../../../aws/server.ts';
import { totpCode } from '../../../aws/sts/mfa.ts';
import { ISSUER, metadataFor, trustPolicy } from '../support/fixture.ts';
import { AUDIENCE, type IssuerKey, idClaims, idToken, issuerKey, OIDC_ISSUER, published } from '../support/id-token.ts';
import { allowing, BROKER, HOME, roleArn, SEED, SERIAL, signedEstate } from '../support/signed-calls.ts';

const run = promisify(execFile);
// The clients sign with the wall clock, so this emulator runs on it too.
const now = (): Date => new Date(performance.timeOrigin + performance.now());
const POLICY = JSON.stringify(allowing('s3:ListBucket'));
const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: BROKER.accessKeyId,
  AWS_SECRET_ACCESS_KEY: BROKER.secretAccessKey,
};
let aws: AwsEmulator;
let issuer: IssuerKey;

async function estate(): Promise<Estate> {
  const [home] = signedEstate().accounts;
  if (home === undefined) throw new Error('an account');
  const provider = `arn:aws:iam::${HOME}:oidc-provider/${OIDC_ISSUER.slice('https://'.length)}`;
  const users = home.users?.map((user) =>
    user.name === 'broker' ? { ...user, mfaDevices: [{ serialNumber: SERIAL, seed: SEED }] } : user,
  );
  const trusted = trustPolicy(['sts:AssumeRoleWithWebIdentity'], undefined, provider);
  const more = {
    users: users ?? [],
    samlProviders: { rolegate: metadataFor(ISSUER, [keyPair('minting')]) },
    oidcProviders: [{ url: OIDC_ISSUER, clientIds: [AUDIENCE], thumbprints: ['a'.repeat(40)] }],
    roles: [...home.roles, { name: 'Visitor', trustPolicy: trusted }],
  };
  return { accounts: [{ ...home, ...more }] };
}

function currentToken(): string {
  const seconds = Math.floor(now().getTime() / 1000);
  return idToken(issuer, idClaims({ iat: seconds, nbf: seconds - 60, exp: seconds + 300 }));
}

beforeAll(async () => {
  issuer = issuerKey('one', 'RS256');
  const documents = published([issuer]);
  const fetchPublished: typeof fetch = async (url) => Response.json(documents.get(String(url)));
  aws = await startAws({ now, estate: await estate(), fetch: fetchPublished });
});
afterAll(() => aws.close());

describe('the AWS CLI', () => {
  const named = ['--role-session-name', 'alice'];
  const calls: readonly (readonly [string, () => readonly string[], string, string])[] = [
    [
      'assume-role',
      () => ['--role-arn', roleArn('External'), ...named, '--external-id', 'customer-42', '--tags', 'Key=team,Value=x'],
      'AssumedRoleUser.Arn',
      `arn:aws:sts::${HOME}:assumed-role/External/alice`,
    ],
    [
      'assume-role-with-web-identity',
      () => ['--role-arn', roleArn('Visitor'), ...named, '--web-identity-token', currentToken()],
      'AssumedRoleUser.Arn',
      `arn:aws:sts::${HOME}:assumed-role/Visitor/alice`,
    ],
    [
      'get-federation-token',
      () => ['--name', 'alice', '--policy', POLICY],
      'FederatedUser.Arn',
      `arn:aws:sts::${HOME}:federated-user/alice`,
    ],
    [
      'get-session-token',
      () => ['--serial-number', SERIAL, '--token-code', totpCode(SEED, now())],
      'length(Credentials.SessionToken) > `100`',
      'True',
    ],
  ];
  for (const [operation, args, query, expected] of calls) {
    test(`reads ${operation}`, async () => {
      const output = ['--output', 'text', '--query', query, '--endpoint-url', aws.url];
      const { stdout } = await run(awsCliPath(), ['sts', operation, ...args(), ...output], { env: ENV });
      expect(stdout.trim()).toBe(expected);
    });
  }
});

const has = (module: string): readonly string[] =>
  spawnSync('python3', ['-c', `import ${module}`], { env: ENV }).status === 0 ? ['python3'] : [];

for (const python of has('boto3')) {
  test(`boto3 of ${python} chains, federates, reads IAM, and knows every error by its code`, async () => {
    const script = `
import boto3, sys
from botocore.exceptions import ClientError
url, home, token, policy = sys.argv[1:]
role = lambda name: f'arn:aws:iam::{home}:role/{name}'
def client(service, c=None):
    keys = {} if c is None else dict(aws_access_key_id=c['AccessKeyId'], aws_secret_access_key=c['SecretAccessKey'], aws_session_token=c['SessionToken'])
    return boto3.client(service, endpoint_url=url, **keys)
sts = client('sts')
def code(call, **members):
    try:
        call(**members)
        return 'ok'
    except ClientError as error:
        return error.response['Error']['Code']
who = lambda c: client('sts', c).get_caller_identity()['Arn'].split(':', 4)[4]
hub = sts.assume_role(RoleArn=role('Hub'), RoleSessionName='alice', SourceIdentity='alice', Tags=[{'Key': 'team', 'Value': 'x'}], TransitiveTagKeys=['team'])
print(hub['SourceIdentity'], hub['PackedPolicySize'], who(hub['Credentials']))
chained = client('sts', hub['Credentials']).assume_role(RoleArn=role('OfHub'), RoleSessionName='alice')
print(chained['SourceIdentity'], who(chained['Credentials']))
federated = sts.get_federation_token(Name='alice', Policy=policy, DurationSeconds=900)
print(federated['FederatedUser']['FederatedUserId'], who(federated['Credentials']))
print(who(sts.get_session_token()['Credentials']))
visitor = sts.assume_role_with_web_identity(RoleArn=role('Visitor'), RoleSessionName='alice', WebIdentityToken=token)
print(visitor['SubjectFromWebIdentityToken'], visitor['Audience'], who(visitor['Credentials']))
iam = client('iam')
hub_role = iam.get_role(RoleName='Hub')['Role']
print(hub_role['MaxSessionDuration'], hub_role['AssumeRolePolicyDocument']['Statement'][0]['Effect'], len(iam.list_roles()['Roles']) > 10)
print(code(sts.assume_role, RoleArn=role('Far'), RoleSessionName='alice'),
      code(sts.assume_role, RoleArn=role('Hub'), RoleSessionName='alice', Tags=[{'Key': 'aws:x', 'Value': 'x'}]),
      code(client('sts', hub['Credentials']).get_session_token),
      code(sts.get_federation_token, Name='alice', Policy='{'),
      code(sts.assume_role_with_web_identity, RoleArn=role('Visitor'), RoleSessionName='alice', WebIdentityToken='junk'),
      code(sts.decode_authorization_message, EncodedMessage='junk'),
      code(iam.get_role, RoleName='Missing'),
      code(client('iam', federated['Credentials']).list_saml_providers))
`;
    const { stdout } = await run(python, ['-c', script, aws.url, HOME, currentToken(), POLICY], { env: ENV });
    expect(stdout.trim().split('\n')).toEqual([
      `alice 1 ${HOME}:assumed-role/Hub/alice`,
      `alice ${HOME}:assumed-role/OfHub/alice`,
      `${HOME}:alice ${HOME}:federated-user/alice`,
      `${HOME}:user/broker`,
      `alice ${AUDIENCE} ${HOME}:assumed-role/Visitor/alice`,
      '43200 Allow True',
      [
        'AccessDenied',
        'ValidationError',
        'AccessDenied',
        'MalformedPolicyDocument',
        'InvalidIdentityToken',
        'AccessDenied',
        'NoSuchEntity',
        'InvalidClientTokenId',
      ].join(' '),
    ]);
  });
}

for (const python of has('moto')) {
  test(`every member that moto of ${python} answers is in the emulator's answer, of the same type`, async () => {
    const script = `
import boto3, sys
from moto import mock_aws
url, home, token, policy = sys.argv[1:]
def shape(value):
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items() if k not in ('ResponseMetadata', 'AssumeRolePolicyDocument')}
    return [shape(v) for v in value[:1]] if isinstance(value, list) else type(value).__name__
def missing(theirs, ours, path):
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [m for k, v in theirs.items() for m in missing(v, ours.get(k), f'{path}.{k}')]
    if isinstance(theirs, list) and isinstance(ours, list):
        return missing(theirs[0], ours[0], path) if theirs and ours else []
    return [] if theirs == ours else [f'{path}: {theirs} {ours}']
def answers(sts, iam):
    role = dict(RoleArn=f'arn:aws:iam::{home}:role/Visitor', RoleSessionName='alice')
    hub = dict(role, RoleArn=f'arn:aws:iam::{home}:role/Hub')
    saml = iam.list_saml_providers()['SAMLProviderList'][0]['Arn']
    oidc = iam.list_open_id_connect_providers()['OpenIDConnectProviderList'][0]['Arn']
    return {
        'AssumeRole': shape(sts.assume_role(Policy=policy, **hub)),
        'AssumeRoleWithWebIdentity': shape(sts.assume_role_with_web_identity(WebIdentityToken=token, Policy=policy, **role)),
        'GetFederationToken': shape(sts.get_federation_token(Name='alice', Policy=policy)),
        'GetSessionToken': shape(sts.get_session_token()),
        'GetCallerIdentity': shape(sts.get_caller_identity()),
        'GetAccessKeyInfo': shape(sts.get_access_key_info(AccessKeyId='${BROKER.accessKeyId}')),
        'GetRole': shape(iam.get_role(RoleName='Hub')),
        'ListRoles': shape(iam.list_roles()),
        'GetSAMLProvider': shape(iam.get_saml_provider(SAMLProviderArn=saml)),
        'GetOpenIDConnectProvider': shape(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)),
    }
ours = answers(boto3.client('sts', endpoint_url=url), boto3.client('iam', endpoint_url=url))
with mock_aws():
    iam = boto3.client('iam')
    iam.create_role(RoleName='Hub', AssumeRolePolicyDocument=policy)
    iam.create_saml_provider(Name='rolegate', SAMLMetadataDocument='x' * 1001)
    iam.create_open_id_connect_provider(Url='https://broker.example.com', ClientIDList=['x'], ThumbprintList=['a' * 40])
    theirs = answers(boto3.client('sts'), iam)
print(len(theirs), [m for name in theirs for m in missing(theirs[name], ours[name], name)])
`;
    const { stdout } = await run(python, ['-c', script, aws.url, HOME, currentToken(), POLICY], { env: ENV });
    expect(stdout.trim()).toBe('10 []');
  });
}
