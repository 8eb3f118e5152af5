// `rolegate console`: the federation link for a role.
import type { Command } from 'commander';
import { type CliContext, print } from './context.ts';
import { brokerOf } from './settings.ts';

export function addConsole(program: Command, context: CliContext): void {
  program
    .command('console')
    .description('print the link that opens the AWS console as a role, for the browser you are signed in with')
    .argument('<role>', 'role ARN, or account/role with the account id or alias')
    .option('--broker <url>', 'address of the broker')
    .option('--destination <path>', 'console path or URL to land on')
    .option('--region <name>', 'region of the console')
    .action((role: string, options: { broker?: string; destination?: string; region?: string }) => {
      print(context, consoleLink({ ...options, broker: brokerOf(context, options.broker), role }));
    });
}

export interface ConsoleLinkInput {
  readonly broker: string;
  readonly role: string;
  readonly destination?: string | undefined;
  readonly region?: string | undefined;
}

export function consoleLink({ broker, role, destination, region }: ConsoleLinkInput): string {
  const url = new URL('/console', broker);
  url.searchParams.set('role', role);
  if (destination !== undefined) url.searchParams.set('destination', destination);
  if (region !== undefined) url.searchParams.set('region', region);
  return url.href;
}
