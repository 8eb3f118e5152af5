// How `doctor aws` gets into AWS accounts: with the identity of this machine, or with a role that it assumes in each.
import { createFailover } from '../aws/failover.ts';
import { createIamReader } from '../aws/iam.ts';
import { createOwnIdentity } from '../aws/own-identity.ts';
import { stsEndpoint } from '../aws/partitions.ts';
import { createSts, isStsOutage, type Signer } from '../aws/sts.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { type Finding, type IamAccess, inspectAccount } from '../provisioning/doctor-aws.ts';
import type { AccountPlan } from '../provisioning/provisioning.ts';

/** One account after the other. @param assume name of the role to assume in each account */
export async function inspectAccounts(
  plans: readonly AccountPlan[],
  config: Config,
  { assume, clock }: { assume: string | undefined; clock: Clock },
): Promise<Finding[]> {
  const { aws, policy } = config;
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
        roleSessionName: 'rolegate-doctor',
        durationSeconds: 900,
        sourceIdentity: undefined,
        externalId: undefined,
        policy: undefined,
      });
      return (await session).credentials;
    };
  };
  const open = async ({ account }: AccountPlan): Promise<IamAccess> => {
    const region = account.region ?? aws.region;
    const roleArn = `arn:${policy.partition}:iam::${account.id}:role/${assume}`;
    const signer = assume === undefined ? own : assumed(region, roleArn);
    const accountId = await sts.callerAccount(region, signer);
    return { accountId, iam: createIamReader({ partition: aws.partition, endpoint: aws.endpoints.iam, signer }) };
  };
  const findings: Finding[] = [];
  for (const plan of plans) findings.push(...(await inspectAccount(plan, config, open)));
  return findings;
}
