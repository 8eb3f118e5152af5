// One estate, one identity provider key and one clock for the emulator's tests, and the calls the tests make.
import type { AwsEmulator, EmulatedAccount, Estate } from '../../../aws/server.ts';
import type { KeyPair } from '../../../keys.ts';
import { AWS_ATTRIBUTE, type BuildOptions, buildResponse, type ResponseParts } from './assertion-builder.ts';

/** The frozen clock of the tests. */
export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const ISSUER = 'https://broker.example.com/aws/saml-metadata.xml';
export const ACCOUNT = '111122223333';
export const PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/rolegate`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Developer`;
export const AWS_RECIPIENT = 'https://signin.aws.amazon.com/saml';

/** An instant so many seconds away from NOW, as SAML writes it. */
export function at(seconds: number): string {
  return new Date(NOW.getTime() + seconds * 1000).toISOString();
}

/** IdP metadata with the certificates of these key pairs. */
export function metadataFor(entityId: string, pairs: readonly KeyPair[]): string {
  const keys = pairs
    .map((pair) => pair.cert.replace(/-----[A-Z ]+-----|\s/g, ''))
    .map(
      (certificate) =>
        `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    );
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${entityId}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    ${keys.join('\n    ')}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://broker.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`;
}

/** A trust policy that lets the provider perform the actions under one condition block. */
export function trustPolicy(actions: readonly string[], condition: unknown, provider = PROVIDER): unknown {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Federated: provider }, Action: actions, Condition: condition }],
  };
}

const AUD = { StringEquals: { 'SAML:aud': AWS_RECIPIENT } };
const ALL = ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'];

/** Two accounts that trust one provider. */
export function sampleEstate(metadata: string): Estate {
  const other = '444455556666';
  const accounts: EmulatedAccount[] = [
    {
      id: ACCOUNT,
      name: 'Payments Production',
      alias: 'payments-prod',
      samlProviders: { rolegate: metadata, sealed: { metadata, assertionEncryptionMode: 'Required' } },
      roles: [
        { name: 'Developer', trustPolicy: trustPolicy(ALL, AUD) },
        { name: 'Admin', path: '/ops/', maxSessionDuration: 43_200, trustPolicy: trustPolicy(ALL, AUD) },
        { name: 'Plain', trustPolicy: trustPolicy(['sts:AssumeRoleWithSAML'], AUD) },
        { name: 'AWSReservedSSO_Admin_1', trustPolicy: trustPolicy(ALL, AUD) },
        {
          name: 'Pinned',
          trustPolicy: trustPolicy(ALL, { ...AUD, IpAddress: { 'aws:SourceIp': ['203.0.113.10/32'] } }),
        },
        { name: 'AnyAudience', trustPolicy: trustPolicy(ALL, undefined) },
        { name: 'Persistent', trustPolicy: trustPolicy(ALL, { StringEquals: { 'saml:sub_type': 'persistent' } }) },
      ],
      users: [{ name: 'ops', accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'long-term-secret-of-the-user' }],
      disabledStsRegions: ['eu-south-1'],
    },
    {
      id: other,
      name: 'Payments Development',
      samlProviders: { rolegate: metadata },
      roles: [{ name: 'Developer', trustPolicy: trustPolicy(ALL, AUD, PROVIDER.replace(ACCOUNT, other)) }],
    },
  ];
  return { accounts };
}

/** A complete response for one role; every part can be replaced. */
export function sampleParts(overrides: Partial<ResponseParts> = {}, role = ROLE): ResponseParts {
  return {
    issuer: ISSUER,
    responseIssuer: ISSUER,
    responseId: '_response',
    assertionId: '_assertion',
    responseIssueInstant: at(-5),
    issueInstant: at(-5),
    notBefore: at(-60),
    notOnOrAfter: at(120),
    confirmationNotOnOrAfter: at(120),
    sessionNotOnOrAfter: undefined,
    audiences: ['https://signin.aws.amazon.com/saml'],
    recipient: AWS_RECIPIENT,
    nameId: 'alice-id',
    nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    status: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    attributes: attributes({}, role),
    ...overrides,
  };
}

/** The two required attributes for one role, and more. An empty list of values takes an attribute out. */
export function attributes(
  more: Readonly<Record<string, readonly string[]>>,
  role = ROLE,
): (readonly [string, readonly string[]])[] {
  const provider = `arn:aws:iam::${role.split(':')[4]}:saml-provider/rolegate`;
  const all = { Role: [`${role},${provider}`], RoleSessionName: ['alice@example.com'], ...more };
  return Object.entries(all)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [AWS_ATTRIBUTE + name, values] as const);
}

/** What STS answered. */
export interface StsAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly text: string;
  readonly headers: Headers;
}

/** Posts a form to STS. */
export async function postSts(
  emulator: AwsEmulator,
  members: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<StsAnswer> {
  const response = await fetch(`${emulator.url}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(members),
  });
  return readAnswer(response);
}

/** Reads an STS answer. */
export async function readAnswer(response: Response): Promise<StsAnswer> {
  const text = await response.text();
  const code = elementText(text, 'Code') ?? (response.ok ? 'ok' : '');
  const message = elementText(text, 'Message') ?? '';
  return { status: response.status, code, message, text, headers: response.headers };
}

/** The unescaped text of the first element of this name. */
export function elementText(xml: string, name: string): string | undefined {
  const inner = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return inner
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** The members of a complete AssumeRoleWithSAML call. */
export function samlCall(
  parts: ResponseParts,
  options: BuildOptions,
  members: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    Action: 'AssumeRoleWithSAML',
    Version: '2011-06-15',
    RoleArn: ROLE,
    PrincipalArn: PROVIDER,
    SAMLAssertion: buildResponse(parts, options),
    ...members,
  };
}
