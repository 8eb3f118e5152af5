// The options of `template` and `doctor`: which accounts, and how the broker's calls look to AWS.
import type { Command } from 'commander';
import type { ProvisioningOptions } from '../provisioning/broker-calls.ts';
import { type ConfigOption, configOption } from './context.ts';

export interface PlanOptions extends ConfigOption {
  readonly account?: string;
  readonly sourceIp: readonly string[];
  readonly brokerArn?: string;
}

export function addPlanOptions(command: Command): Command {
  return command
    .option('--account <id or alias>', 'this account only')
    .option('--source-ip <cidr...>', "the broker's outgoing addresses, to which its calls are pinned", [])
    .option('--broker-arn <arn>', 'the role or user that the broker is at AWS (mode assume-role without a hub)')
    .addOption(configOption());
}

/** @throws ConfigError for a value that is not a network, a role or a user */
export async function provisioningOptions({ sourceIp, brokerArn }: PlanOptions): Promise<ProvisioningOptions> {
  const { checkOptions } = await import('../provisioning/template.ts');
  return checkOptions({ sourceIps: sourceIp, brokerArn });
}
