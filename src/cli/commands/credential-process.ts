// `rolegate credential-process`: what profiles name as their credential_process. On standard output there is the document
// and nothing else; what goes wrong is one line on standard error, which the SDKs show.
import type { Command } from 'commander';
import { credentialProcessJson } from '../credentials/credential-cache.ts';
import { obtainCredentials } from '../credentials/credentials.ts';
import { addWishOptions, readWish, type WishOptions } from '../credentials/role-options.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { brokerOf } from '../machine/settings.ts';
import { automaticLogin } from '../sign-in/automatic-login.ts';

export function addCredentialProcess(program: Command, context: CliContext): void {
  const command = program
    .command('credential-process')
    .description('print credentials of a role as AWS tools ask for them (credential_process)')
    .requiredOption('--role <arn>', 'ARN of the role')
    .option('--login', 'open the browser when the sign-in has ended')
    .option('--broker <url>', 'address of the broker');
  addWishOptions(command).action(async (options: WishOptions & { role: string; login?: true; broker?: string }) => {
    if (!options.role.startsWith('arn:')) throw new CliError('usage', '--role must be the ARN of a role');
    const wanted = { broker: brokerOf(context, options.broker), roleArn: options.role, ...readWish(options) };
    const credentials = await obtainCredentials(context, wanted).catch(async (error: unknown) => {
      if (!options.login || !(error instanceof CliError) || error.exit !== 'login') throw error;
      await automaticLogin(context, wanted.broker);
      return obtainCredentials(context, wanted);
    });
    print(context, credentialProcessJson(credentials));
  });
}
