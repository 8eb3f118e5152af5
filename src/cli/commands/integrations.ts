// The commands that other tools run or that make passwords and addresses for them: Docker, kubectl, databases, S3, git.
import type { Command } from 'commander';
import type { EksTokenOptions } from '../integrations/eks-token.ts';
import type { IntegrationOptions } from '../integrations/integration-role.ts';
import type { PresignOptions } from '../integrations/presign-s3.ts';
import type { RdsTokenOptions } from '../integrations/rds-token.ts';
import type { CliContext } from '../machine/context.ts';
import { addSecondRole } from './options.ts';

export function addIntegrations(program: Command, context: CliContext): void {
  addRoleOptions(program.command('ecr-login'))
    .description('answer Docker as its credential helper for ECR')
    .argument('<action>', 'get, store, erase or list')
    .action(async (action: string, options: IntegrationOptions) => {
      const { ecrLogin } = await import('../integrations/ecr-login.ts');
      await ecrLogin(context, action, options);
    });
  addRoleOptions(program.command('eks-token'))
    .description('answer kubectl with a token for an EKS cluster (exec plugin in kubeconfig)')
    .requiredOption('--cluster-name <name>', 'name of the cluster')
    .option('--region <name>', "region of the cluster; the account's own by default")
    .action(async (options: EksTokenOptions) => {
      const { eksToken } = await import('../integrations/eks-token.ts');
      await eksToken(context, options);
    });
  addRoleOptions(program.command('rds-token'))
    .description('print a password for a database user with IAM authentication, good for 15 minutes')
    .requiredOption('--hostname <name>', "the database's own endpoint, also behind a tunnel")
    .requiredOption('--port <n>', "the database's own port")
    .requiredOption('--username <name>', 'database user')
    .option('--region <name>', 'region, where the endpoint does not say it')
    .option('--json', 'print JSON')
    .action(async (options: RdsTokenOptions) => {
      const { rdsToken } = await import('../integrations/rds-token.ts');
      await rdsToken(context, options);
    });
  addRoleOptions(program.command('presign'))
    .description('print a URL with which others get or put one object of S3')
    .argument('<object>', 's3://BUCKET/KEY')
    .option('--method <method>', 'GET or PUT', 'GET')
    .option('--expires-in <time>', 'how long the URL works, at most as long as the session', '1h')
    .option('--region <name>', "region of the bucket; the account's own by default")
    .option('--json', 'print JSON')
    .action(async (object: string, options: PresignOptions) => {
      const { presignS3 } = await import('../integrations/presign-s3.ts');
      await presignS3(context, object, options);
    });
  addRoleOptions(program.command('codecommit-credential'))
    .description('answer git as its credential helper for CodeCommit')
    .argument('<action>', 'get; others do nothing')
    .action(async (action: string, options: IntegrationOptions) => {
      const { codeCommitCredential } = await import('../integrations/codecommit-credential.ts');
      await codeCommitCredential(context, action, options);
    });
}

function addRoleOptions(command: Command): Command {
  return addSecondRole(command)
    .option('--broker <url>', 'address of the broker')
    .option('--role <role>', 'role to sign as: its ARN, account/role, or in a terminal words of its name')
    .option('--duration <time>', 'length of the session; as long as the rule allows by default')
    .option('--policy-id <id>', "a session policy that your company's configuration names, such as read-only");
}
