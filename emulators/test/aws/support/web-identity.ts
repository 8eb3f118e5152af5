// An emulator that knows an OpenID Connect issuer, the issuer as the network shows it, and calls of AssumeRoleWithWebIdentity
// that are complete unless a test changes them.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type AwsEmulator, type EmulatedAccount, type Estate, startAws } from '../../../aws/server.ts';
import { ACCOUNT, NOW, postSts, type StsAnswer } from './fixture.ts';
import { AUDIENCE, type IssuerKey, idClaims, idToken, issuerKey, OIDC_ISSUER, published } from './id-token.ts';

type Members = Readonly<Record<string, string>>;
type Claims = Readonly<Record<string, unknown>>;
const ISSUER_NAME = 'broker.example.com/aws/oidc';
export const OIDC_PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER_NAME}`;
export const TAGS_CLAIM = 'https://aws.amazon.com/tags';
export const SOURCE_CLAIM = 'https://aws.amazon.com/source_identity';
const ALL = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'];

const trust = (Condition: object | undefined, Action: unknown = ALL, Federated = OIDC_PROVIDER): unknown => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Federated }, Action, ...(Condition === undefined ? {} : { Condition }) }],
});
const AUD = { StringEquals: { [`${ISSUER_NAME}:aud`]: AUDIENCE } };

/** Roles by the one thing their trust policies ask for, and an account without the provider. */
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
      { name: 'Other', trustPolicy: trust(AUD, ALL, OIDC_PROVIDER.replace('oidc-provider', 'saml-provider')) },
    ],
  };
  const second = {
    id: '444455556666',
    name: 'Payments Development',
    roles: [{ name: 'Visitor', trustPolicy: trust(AUD) }],
  };
  return { accounts: [home, second] };
}

/** What a test sees of it; all is there once the tests run. */
export interface WebIdentityBench {
  aws(): AwsEmulator;
  key(): IssuerKey;
  /** What the issuer publishes, by URL: a number is that status, an Error a dead line. Fresh for every test. */
  documents: Map<string, unknown>;
  call(claims?: Claims, members?: Members): Promise<StsAnswer>;
}

/** Starts the emulator for the tests of a file. */
export function useWebIdentity(): WebIdentityBench {
  const key = issuerKey('one', 'RS256');
  let aws: AwsEmulator | undefined;
  const running = (): AwsEmulator => {
    if (aws === undefined) throw new Error('the emulator starts with the tests');
    return aws;
  };
  const bench: WebIdentityBench = {
    aws: running,
    key: () => key,
    documents: published([key]),
    call: (claims = {}, members = {}) =>
      postSts(running(), {
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/Visitor`,
        RoleSessionName: 'alice@corp.example',
        WebIdentityToken: idToken(key, idClaims(claims)),
        ...members,
      }),
  };
  const fetchPublished: typeof fetch = async (url) => {
    const document = bench.documents.get(String(url));
    if (document instanceof Error) throw document;
    if (typeof document === 'number') return new Response('', { status: document });
    return document === undefined ? new Response('', { status: 404 }) : Response.json(document);
  };
  beforeAll(async () => {
    aws = await startAws({ now: () => NOW, estate: estate(), fetch: fetchPublished });
  });
  afterAll(() => aws?.close());
  beforeEach(() => {
    bench.documents = published([key]);
  });
  return bench;
}

/** Members that name another role. */
export function roleMember(name: string, account = ACCOUNT): Members {
  return { RoleArn: `arn:aws:iam::${account}:role/${name}` };
}

/** Status, code and message. */
export function outcome({ status, code, message }: StsAnswer): readonly [number, string, string] {
  return [status, code, message];
}
