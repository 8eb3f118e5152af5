// `rolegate-server doctor aws`: compare what IAM has with what the rules need.
import type { Command } from 'commander';
import { describeFindings, inspectFiles } from '../../provisioning/doctor-report.ts';
import { planAccounts } from '../../provisioning/provisioning.ts';
import { chooseAccounts } from '../../provisioning/template.ts';
import { oneOf, print, type ServerContext } from '../context.ts';
import { inspectAccounts } from '../iam-access.ts';
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
    .option('--assume <role>', 'name of a role to look with, in each account')
    .option('--trust-policies <directory>', 'offline: judge ACCOUNT/ROLE.json or ROLE.json there, and ask nobody')
    .option('--json', 'for programs');
  addPlanOptions(command).action(async (_what: 'aws', options: DoctorOptions) => {
    const config = await context.load(options);
    const plans = chooseAccounts(planAccounts(config, provisioningOptions(options)), options.account);
    const findings =
      options.trustPolicies === undefined
        ? await inspectAccounts(plans, config, { assume: options.assume, clock: context.clock })
        : inspectFiles(plans, options.trustPolicies);
    print(context, options.json ? JSON.stringify(findings, null, 2) : describeFindings(findings, plans));
    if (findings.some(({ level }) => level === 'missing')) context.fail();
  });
}
