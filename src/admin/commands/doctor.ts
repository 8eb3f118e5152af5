// `rolegate-server doctor aws`: compare what IAM has with what the rules need.
import type { Command } from 'commander';
import { oneOf, print, type ServerContext } from '../context.ts';
import { addPlanOptions, type PlanOptions, provisioningOptions } from '../plan-options.ts';

interface DoctorOptions extends PlanOptions {
  readonly assume?: string;
  readonly trustPolicies?: string;
  readonly json?: boolean;
}

export function addDoctor(program: Command, context: ServerContext): void {
  const command = program
    .command('doctor')
    .description('compare what IAM has with what the rules need')
    .argument('<what>', 'aws', oneOf('aws'))
    .option('--assume <role>', 'name of a role to inspect each account with')
    .option(
      '--trust-policies <directory>',
      'check the files ACCOUNT/ROLE.json or ROLE.json in it, without requests to AWS',
    )
    .option('--json', 'for programs');
  addPlanOptions(command).action(async (_what: 'aws', options: DoctorOptions) => {
    // Loaded on use, so that a serving broker does without them.
    const { describeFindings, inspectFiles } = await import('../../provisioning/doctor-report.ts');
    const { planAccounts } = await import('../../provisioning/provisioning.ts');
    const { chooseAccounts } = await import('../../provisioning/template.ts');
    const { inspectAccounts } = await import('../iam-access.ts');
    const config = await context.load(options);
    const plans = chooseAccounts(planAccounts(config, await provisioningOptions(options)), options.account);
    const findings =
      options.trustPolicies === undefined
        ? await inspectAccounts(plans, config, { assume: options.assume, clock: context.clock })
        : inspectFiles(plans, options.trustPolicies);
    print(context, options.json ? JSON.stringify(findings, null, 2) : describeFindings(findings, plans));
    if (findings.some(({ level }) => level === 'missing')) context.fail();
  });
}
