// `rolegate curl`.
import type { Command } from 'commander';
import type { CurlOptions } from '../curl/curl.ts';
import type { CliContext } from '../machine/context.ts';
import { addSecondRole } from './options.ts';

export function addCurl(program: Command, context: CliContext): void {
  const command = program
    .command('curl')
    .description('send one signed request to AWS: a Lambda function URL, API Gateway, S3')
    .argument('<url>', 'https, or http on this machine')
    .option('--broker <url>', 'address of the broker')
    .option('--role <words>', 'role to sign as: its ARN, account/role, or in a terminal words of its name')
    .option(
      '--service <name>',
      'service that the signature is for, where the host does not say: lambda, s3, execute-api',
    )
    .option('--region <name>', 'region that the signature is for, where the host does not say')
    .option('-X, --request <method>', 'method: GET, or POST with data, or PUT with a file')
    .option('-H, --header <line>', 'a header; may be given several times', (line: string, before: string[] = []) => [
      ...before,
      line,
    ])
    .option('-d, --data <text>', 'body; @FILE for a file, @- for standard input, byte for byte')
    .option('--data-binary <text>', 'the same as --data')
    .option('-T, --upload-file <file>', 'file to PUT; - for standard input')
    .option('-o, --output <file>', 'write the answer there')
    .option('-i, --include', 'write status and headers of the answer too')
    .option('-f, --fail', 'exit with an error code when the status is 400 or more')
    .option('-v, --verbose', 'show both heads on standard error, without secrets')
    .option('--unsigned-payload', 'S3: leave the body out of the signature');
  addSecondRole(command).action(async (url: string, options: CurlOptions) => {
    await (await import('../curl/curl.ts')).curl(context, url, options);
  });
}
