// Reads what IAM has in one account: providers and roles. For `rolegate-server doctor aws` alone: a serving broker loads
// none of it.
import { type IamOptions, iamBounds, openIam, unlessMissing } from './iam-client.ts';

export interface IamRole {
  readonly arn: string;
  readonly maxSessionSeconds: number;
  /** IAM JSON as text. */
  readonly trustPolicy: string;
}

interface IamSamlProvider {
  readonly metadata: string;
  readonly requiresEncryption: boolean;
}

/** Each is undefined where IAM has none of that name. @throws Error of the SDK, whose name is AWS's code */
export interface IamReader {
  samlProvider(arn: string): Promise<IamSamlProvider | undefined>;
  /** The audiences that it takes. */
  oidcProvider(arn: string): Promise<readonly string[] | undefined>;
  role(name: string): Promise<IamRole | undefined>;
}

export function createIamReader(options: IamOptions): IamReader {
  const open = openIam(options);
  return {
    samlProvider: (arn) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const answer = await client.send(new sdk.GetSAMLProviderCommand({ SAMLProviderArn: arn }), iamBounds());
        const { SAMLMetadataDocument: metadata = '', AssertionEncryptionMode: mode } = answer;
        return { metadata, requiresEncryption: mode === 'Required' };
      }),
    oidcProvider: (arn) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
        return (await client.send(command, iamBounds())).ClientIDList ?? [];
      }),
    role: (name) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const { Role } = await client.send(new sdk.GetRoleCommand({ RoleName: name }), iamBounds());
        return {
          arn: Role?.Arn ?? '',
          maxSessionSeconds: Role?.MaxSessionDuration ?? 3600,
          // IAM API Role: the document is URL-encoded, RFC 3986.
          trustPolicy: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''),
        };
      }),
  };
}
