// `rolegate eks-token`: a kubeconfig exec plugin. The token is a presigned GetCallerIdentity for one cluster, which EKS
// sends to STS to learn who calls (aws-iam-authenticator's format).
import { stsEndpoint } from '../../aws/partitions.ts';
import { readTarget } from '../curl/curl-target.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { dnsSuffixFor, endpointVariable, type IntegrationOptions, obtainRole } from './integration-role.ts';
import { presignUrl } from './presign.ts';

export interface EksTokenOptions extends IntegrationOptions {
  readonly clusterName: string;
}

/** EKS takes a token for 15 minutes after it was signed, whatever it says itself; the AWS CLI writes 60 seconds. */
const expiresInSeconds = 60;
const tokenLifetimeMs = 14 * 60_000;
const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** @throws CliError */
export async function eksToken(context: CliContext, options: EksTokenOptions): Promise<void> {
  const { clusterName } = options;
  if (!/^[\w-]{1,100}$/.test(clusterName)) throw new CliError('usage', `"${clusterName}" is not a name of a cluster`);
  const { credentials, region } = await obtainRole(context, options);
  const endpoint =
    endpointVariable(context, 'sts') ??
    stsEndpoint({ dnsSuffix: dnsSuffixFor(region), stsFipsLabel: undefined }, region);
  const target = readTarget(`${endpoint}/?Action=GetCallerIdentity&Version=2011-06-15`, { service: 'sts', region });
  const now = context.clock.now();
  const headers = { 'x-k8s-aws-id': clusterName };
  const url = await presignUrl({ method: 'GET', target, headers, credentials, now, expiresInSeconds });
  const endsAt = Math.min(now.getTime() + tokenLifetimeMs, Date.parse(credentials.Expiration));
  const status = {
    expirationTimestamp: new Date(endsAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    token: `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`,
  };
  // The version of the protocol that kubectl asks for: it refuses an answer in another.
  print(
    context,
    JSON.stringify({
      kind: 'ExecCredential',
      apiVersion:
        apiVersions.find((version) => context.env['KUBERNETES_EXEC_INFO']?.includes(`"${version}"`)) ?? apiVersions[0]!,
      spec: {},
      status,
    }),
  );
}
