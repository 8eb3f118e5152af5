// How commands get into AWS accounts: with the AWS identity of the operator, or with a role that they assume in each.
import { createFailover } from '../aws/failover.ts';
import { createIamReader } from '../aws/iam.ts';
import { createOwnIdentity } from '../aws/own-identity.ts';
import { stsEndpoint } from '../aws/partitions.ts';
import { createSts, isStsOutage, type Signer } from '../aws/sts.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { type Finding, type IamAccess, inspectAccount } from '../provisioning/doctor-aws.ts';
import type { AccountPlan } from '../provisioning/provisioning.ts';

export interface AccountAccess {
  /** The account that the identity belongs to. */
  readonly accountId: string;
  readonly signer: Signer;
}

/** @param assume name of the role to assume in each account; undefined for the identity of the environment */
export function accountAccess(
  { aws, policy }: Config,
  { assume, clock }: { assume: string | undefined; clock: Clock },
): (account: { readonly id: string; readonly region?: string | undefined }) => Promise<AccountAccess> {
  const sts = createSts({
    endpointOf: (region) => aws.endpoints.sts ?? stsEndpoint(aws.partition, region, aws.fips),
    fallbackRegions: aws.fallbackRegions,
    failover: createFailover({ clock, isOutage: isStsOutage, onOpen: () => undefined }),
    userAgent: 'rolegate',
  });
  const own = createOwnIdentity(aws.region);
  const assumed = (region: string, roleArn: string): Signer => {
    let session: ReturnType<typeof sts.assumeRole> | undefined;
    return async () => {
      session ??= sts.assumeRole({
        region,
        signer: own,
        roleArn,
        roleSessionName: 'rolegate-server',
        durationSeconds: 900,
        sourceIdentity: undefined,
        externalId: undefined,
        policy: undefined,
      });
      return (await session).credentials;
    };
  };
  return async (account) => {
    const region = account.region ?? aws.region;
    const roleArn = `arn:${policy.partition}:iam::${account.id}:role/${assume}`;
    const signer = assume === undefined ? own : assumed(region, roleArn);
    return { accountId: await sts.callerAccount(region, signer), signer };
  };
}

/** One account after the other. @param assume name of the role to assume in each account */
export async function inspectAccounts(
  plans: readonly AccountPlan[],
  config: Config,
  options: { assume: string | undefined; clock: Clock },
): Promise<Finding[]> {
  const open = iamOfAccounts(config, options);
  const findings: Finding[] = [];
  for (const plan of plans) findings.push(...(await inspectAccount(plan, config, open)));
  return findings;
}

/** The way into the accounts for reading. */
export function iamOfAccounts(
  config: Config,
  options: { assume: string | undefined; clock: Clock },
): (plan: AccountPlan) => Promise<IamAccess> {
  const { partition, endpoints } = config.aws;
  const access = accountAccess(config, options);
  return async ({ account }) => {
    const { accountId, signer } = await access(account);
    return { accountId, iam: createIamReader({ partition, endpoint: endpoints.iam, signer }) };
  };
}
