// The commands `template` and `doctor` of rolegate-server: their options, and the way into AWS accounts.
import type { Command, Option } from 'commander';
import { callerIdentity } from '../aws/caller-identity.ts';
import { createFailover } from '../aws/failover.ts';
import { createIamReader } from '../aws/iam.ts';
import { createOwnIdentity } from '../aws/own-identity.ts';
import { stsEndpoint } from '../aws/partitions.ts';
import { isStsOutage, type SdkStsOptions, type Signer } from '../aws/sts-client.ts';
import { createSdkSignedSts } from '../aws/sts-signed.ts';
import type { Clock } from '../clock.ts';
import { type Config, ConfigError } from '../config/config.ts';
import { type AccountDoor, inspectAccount } from '../provisioning/doctor-aws.ts';
import { describeFindings, inspectFiles } from '../provisioning/doctor-report.ts';
import { type AccountPlan, planAccounts } from '../provisioning/provisioning.ts';
import {
  checkOptions,
  chooseAccounts,
  type TemplateFormat,
  templateFormats,
  writeTemplate,
} from '../provisioning/template.ts';

export interface AdminWorld {
  readonly clock: Clock;
  readonly load: (options: { config: string }) => Promise<Config>;
  /** The option `--config`. */
  readonly config: () => Option;
  /** The broker's own metadata for IAM. */
  readonly metadata: (config: Config) => string;
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
  /** The command ends with 1. */
  readonly fail: () => void;
}

interface Wish {
  readonly config: string;
  readonly account?: string;
  readonly sourceIp: readonly string[];
  readonly brokerArn?: string;
}

export function addTemplate(program: Command, world: AdminWorld): void {
  const command = program
    .command('template')
    .description(
      'provider, roles and trust policies of the configuration, for an account or for all that need the same',
    )
    .argument('<format>', templateFormats.join(' or '));
  withOptions(command, world).action(async (format: string, wish: Wish) => {
    const isFormat = (text: string): text is TemplateFormat => templateFormats.some((each) => each === text);
    if (!isFormat(format)) throw new ConfigError(format, [`must be ${templateFormats.join(' or ')}`]);
    const config = await world.load(wish);
    const metadata = world.metadata(config);
    const { text, notes } = writeTemplate(config, { ...planOptions(wish), format, account: wish.account, metadata });
    world.print(text);
    for (const note of notes) world.warn(`note: ${note}`);
  });
}

interface DoctorWish extends Wish {
  readonly assume?: string;
  readonly trustPolicies?: string;
  readonly json?: boolean;
}

export function addDoctor(program: Command, world: AdminWorld): void {
  const command = program
    .command('doctor')
    .description('compare what IAM has with what the rules need')
    .argument('<what>', 'aws')
    .option('--assume <role>', 'name of a role to look with, in each account')
    .option('--trust-policies <directory>', 'offline: judge ACCOUNT/ROLE.json or ROLE.json there, and ask nobody')
    .option('--json', 'for programs');
  withOptions(command, world).action(async (what: string, wish: DoctorWish) => {
    if (what !== 'aws') throw new ConfigError(what, ['must be aws']);
    const config = await world.load(wish);
    const plans = chooseAccounts(planAccounts(config, checkOptions(planOptions(wish))), wish.account);
    const findings =
      wish.trustPolicies === undefined
        ? await inspectAll(plans, config, wish.assume, world)
        : inspectFiles(plans, wish.trustPolicies);
    world.print(wish.json ? JSON.stringify(findings, null, 2) : describeFindings(findings, plans));
    if (findings.some(({ level }) => level === 'missing')) world.fail();
  });
}

function withOptions(command: Command, { config }: AdminWorld): Command {
  return command
    .option('--account <id or alias>', 'this account only')
    .option('--source-ip <cidr...>', "the broker's outgoing addresses, to which its calls are pinned", [])
    .option('--broker-arn <arn>', 'the role or user that the broker is at AWS (mode assume-role without a hub)')
    .addOption(config());
}

function planOptions({ sourceIp, brokerArn }: Wish) {
  return { sourceIps: sourceIp, brokerArn };
}

/** One account after the other. */
async function inspectAll(
  plans: readonly AccountPlan[],
  config: Config,
  assume: string | undefined,
  { clock }: AdminWorld,
) {
  const { aws } = config;
  const options: SdkStsOptions = {
    endpointOf: (region) => aws.endpoints.sts ?? stsEndpoint(aws.partition, region, aws.fips),
    fallbackRegions: aws.fallbackRegions,
    failover: createFailover({ clock, isOutage: isStsOutage, onOpen: () => undefined }),
    userAgent: 'rolegate',
  };
  const own = createOwnIdentity();
  const open = async ({ account }: AccountPlan): Promise<AccountDoor> => {
    const region = account.region ?? aws.region;
    const signer =
      assume === undefined ? own : assumed(options, { own, region, roleArn: roleIn(account.id, assume, config) });
    const { accountId } = await callerIdentity(options, region, signer);
    return { accountId, iam: createIamReader({ partition: aws.partition, endpoint: aws.endpoints.iam, signer }) };
  };
  const findings = [];
  for (const plan of plans) findings.push(...(await inspectAccount(plan, config, open)));
  return findings;
}

function roleIn(accountId: string, role: string, { policy }: Config): string {
  return `arn:${policy.partition}:iam::${accountId}:role/${role}`;
}

function assumed(
  options: SdkStsOptions,
  { own, region, roleArn }: { own: Signer; region: string; roleArn: string },
): Signer {
  const sts = createSdkSignedSts(options);
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
}
