// `rolegate-server revoke`: ends a person's sessions, and denies at AWS what was issued to them.
import { type Command, Option } from 'commander';
import { revocationPolicyName } from '../../aws/revocation-policy.ts';
import type { Revoked } from '../../broker/revocation/revocation.ts';
import { ConfigError } from '../../config/config.ts';
import type { Administration } from '../../wiring/administration.ts';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { createRevocationFiles, isFederatedUser, roleNameOf } from '../revocation-files.ts';
import type { PolicyOutcome } from '../revocation-policies.ts';
import { incompleteNotice } from './credentials.ts';
import { operator, withAdministration } from './with-administration.ts';

interface RevokeOptions extends ConfigOption {
  readonly user?: string;
  readonly idp?: string;
  readonly out: string;
  readonly apply?: boolean;
  readonly assume?: string;
  readonly cleanup?: boolean;
  readonly account?: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addRevoke(program: Command, context: ServerContext): void {
  program
    .command('revoke')
    .description('end sessions, and write the policies that deny what AWS still accepts of them')
    .option('--user <name>', 'of this user, as audit records name them')
    .option('--idp <id>', 'of this identity provider')
    .option('--out <directory>', 'where the policies are kept, ACCOUNT/ROLE.json', 'revocations')
    .option('--apply', 'put them on the roles as well, with the AWS credentials of the environment')
    .option('--assume <role>', 'name of a role to do that with, in each account')
    .option('--cleanup', 'remove policies whose credentials have all expired, from roles and files')
    .option('--account <id...>', 'with --cleanup: check all roles of these accounts, not only those with files')
    .option('--yes', 'without asking')
    .addOption(new Option('--json', 'as JSON'))
    .addOption(configOption())
    .action(async (options: RevokeOptions) => {
      const { user, idp, cleanup, apply } = options;
      const isAboutSomeone = user !== undefined || idp !== undefined;
      if (isAboutSomeone === Boolean(cleanup) || (cleanup && apply)) {
        throw new ConfigError('revoke', ['give --user or --idp, or --cleanup alone']);
      }
      await withAdministration(context, options, (administration) =>
        cleanup ? cleanUp(context, options, administration) : revoke(context, options, administration),
      );
    });
}

async function revoke(context: ServerContext, options: RevokeOptions, administration: Administration): Promise<void> {
  const { user, idp, apply = false, json } = options;
  await confirmed(context, options, administration);
  const policies = await openPolicies(context, options, administration);
  const revoked = await administration.revocation.revoke({ user, idp }, operator());
  const outcomes: PolicyOutcome[] = [];
  for (const role of revoked.roles) outcomes.push(await policies.deny(role, apply));
  const { sessionsEnded, credentials, incomplete } = revoked;
  const summary = { sessionsEnded, credentials, roles: outcomes, incomplete };
  print(context, json ? JSON.stringify(summary, null, 2) : describeRevoked(revoked, outcomes));
  if (outcomes.some(({ state }) => state === 'failed')) context.fail();
}

async function cleanUp(context: ServerContext, options: RevokeOptions, administration: Administration): Promise<void> {
  const policies = await openPolicies(context, options, administration);
  const { aws } = await context.load(options);
  const roles = new Set(await createRevocationFiles(options.out, aws.partition.name).roles());
  for (const account of options.account ?? []) for (const arn of await policies.rolesOf(account)) roles.add(arn);
  const outcomes: PolicyOutcome[] = [];
  for (const roleArn of roles) {
    const outcome = await policies.cleanUp(roleArn);
    if (outcome) outcomes.push(outcome);
  }
  print(context, options.json ? JSON.stringify({ roles: outcomes }, null, 2) : describeCleanUp(outcomes));
  if (outcomes.some(({ state }) => state === 'failed')) context.fail();
}

/** Loaded on use, so that a serving broker does without it. */
async function openPolicies(context: ServerContext, options: RevokeOptions, { revocation }: Administration) {
  const { createRevocationPolicies } = await import('../revocation-policies.ts');
  const config = await context.load(options);
  return createRevocationPolicies({
    config,
    files: createRevocationFiles(options.out, config.aws.partition.name),
    audit: revocation.audit,
    clock: context.clock,
    assume: options.assume,
    by: operator(),
  });
}

async function confirmed(
  { confirm }: ServerContext,
  { yes, user, idp, apply }: RevokeOptions,
  { directory, revocation }: Administration,
): Promise<void> {
  if (yes) return;
  if (!confirm) throw new ConfigError('revoke', ['there is no terminal to ask in: add --yes']);
  const { total } = await directory.list({ user, idp });
  const { credentials } = await revocation.find({ user, idp });
  const roles = new Set(credentials.map(({ roleArn }) => roleArn)).size;
  const where = apply ? 'on' : 'in files for';
  if (!(await confirm(`End ${total} sessions and deny ${credentials.length} credentials ${where} ${roles} roles?`)))
    throw new ConfigError('revoke', ['nothing was revoked']);
}

function describeRevoked({ sessionsEnded, credentials, incomplete }: Revoked, outcomes: readonly PolicyOutcome[]) {
  return [
    `sessions ended: ${sessionsEnded}`,
    `credentials that AWS still accepts: ${credentials}`,
    ...outcomes.map(describeOutcome),
    ...incomplete.map(incompleteNotice),
  ].join('\n');
}

function describeOutcome({ roleArn, file, until, state, detail, deniesEveryone }: PolicyOutcome): string {
  const whom = deniesEveryone ? ', denies all sessions of the role from before now' : '';
  const head = `${roleArn}  until ${until}${whom}`;
  if (state === 'put') return `${head}  on the role`;
  if (state === 'failed') return `${head}  FAILED: ${detail}  (${file})`;
  if (isFederatedUser(roleArn)) return `${head}\n  put ${file} on the IAM user of aws.federationToken.keys`;
  const names = `--role-name ${roleNameOf(roleArn)} --policy-name ${revocationPolicyName}`;
  return `${head}\n  aws iam put-role-policy ${names} --policy-document file://${file}`;
}

function describeCleanUp(outcomes: readonly PolicyOutcome[]): string {
  const lines = outcomes.map(({ roleArn, state, until, detail }) =>
    [roleArn, state, ...(until ? [`until ${until}`] : []), ...(detail ? [detail] : [])].join('  '),
  );
  return [...lines, `removed: ${outcomes.filter(({ state }) => state === 'removed').length}`].join('\n');
}
