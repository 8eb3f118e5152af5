// `rolegate curl`: one HTTP request, signed with the credentials of a role, for what has no command of its own: Lambda
// function URLs, API Gateway, objects in S3.
import type { Command } from 'commander';
import { obtainCredentials } from '../credentials/credentials.ts';
import { findWanted } from '../credentials/role-options.ts';
import { type BodyOptions, readBody } from '../curl/curl-body.ts';
import { type OutputOptions, sendSigned } from '../curl/curl-send.ts';
import { signRequest } from '../curl/curl-sign.ts';
import { readTarget, type TargetWish } from '../curl/curl-target.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';

interface CurlOptions extends BodyOptions, OutputOptions, TargetWish {
  readonly broker?: string;
  readonly role?: string;
  readonly request?: string;
  readonly header?: readonly string[];
  readonly dataBinary?: string;
  readonly unsignedPayload?: boolean;
}

export function addCurl(program: Command, context: CliContext): void {
  program
    .command('curl')
    .description('send one signed request to AWS: a Lambda function URL, API Gateway, S3')
    .argument('<url>', 'https, or http on this machine')
    .option('--broker <url>', 'address of the broker')
    .option('--role <words>', 'role to sign as: its ARN, account/role, or words of its name')
    .option(
      '--service <name>',
      'service that the signature is for, where the host does not say: lambda, s3, execute-api',
    )
    .option('--region <name>', 'region that the signature is for, where the host does not say')
    .option('-X, --request <method>', 'method: GET, or POST with data, or PUT with a file')
    .option('-H, --header <line>', 'a header; may be given several times', collect)
    .option('-d, --data <text>', 'body; @FILE for a file, @- for standard input, byte for byte')
    .option('--data-binary <text>', 'the same as --data')
    .option('-T, --upload-file <file>', 'file to PUT; - for standard input')
    .option('-o, --output <file>', 'write the answer there')
    .option('-i, --include', 'write status and headers of the answer too')
    .option('-f, --fail', 'end with an exit code of its own when the answer is 400 or more')
    .option('-v, --verbose', 'show both heads on standard error, without secrets')
    .option('--unsigned-payload', 'S3: leave the body out of the signature')
    .action((url: string, options: CurlOptions) => curl(context, url, options));
}

function collect(line: string, before: readonly string[] = []): string[] {
  return [...before, line];
}

/** @throws CliError */
async function curl(context: CliContext, url: string, options: CurlOptions): Promise<void> {
  const target = readTarget(url, options);
  if (options.unsignedPayload && target.service !== 's3') {
    throw new CliError('usage', 'only S3 takes a body that is not signed');
  }
  if (options.data !== undefined && options.dataBinary !== undefined) {
    throw new CliError('usage', 'a request has one body: give --data or --data-binary, not both');
  }
  const data = options.data ?? options.dataBinary;
  const method = methodOf(options.request, data, options.uploadFile);
  const given = readHeaders(options.header ?? []);
  const body = await readBody(context, { data, uploadFile: options.uploadFile });
  const payloadHash = options.unsignedPayload ? 'UNSIGNED-PAYLOAD' : await body.hash();
  const { broker, role } = options;
  const wanted = await findWanted(context, role, broker === undefined ? {} : { broker });
  const credentials = await obtainCredentials(context, wanted);
  const hasBody = data !== undefined || options.uploadFile !== undefined;
  const defaults = data === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  // S3 takes no body whose length it does not know.
  const length = hasBody || method === 'PUT' || method === 'POST' ? { 'content-length': `${body.sizeBytes}` } : {};
  const headers = { ...defaults, ...given, ...length };
  const now = context.clock.now();
  const signed = await signRequest({ method, target, headers, payloadHash, credentials, now });
  await sendSigned(context, { method, target, headers: signed, body }, options);
}

/** @throws CliError usage */
function methodOf(wish: string | undefined, data: string | undefined, uploadFile: string | undefined): string {
  const method = wish ?? (uploadFile !== undefined ? 'PUT' : data !== undefined ? 'POST' : 'GET');
  if (/^[A-Z]{1,16}$/.test(method) && method !== 'CONNECT') return method;
  throw new CliError('usage', `${method} is not a method`);
}

/** What the signature consists of, and what decides how the message is framed. */
const ownHeaders =
  /^(host|authorization|content-length|transfer-encoding|connection|expect|upgrade)$|^x-amz-(date|security-token|content-sha256)$/;

/** @throws CliError usage */
function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t -~\u0080-\u00ff]+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new CliError('usage', 'a header is written as "Name: value"');
    }
    const key = name.toLowerCase();
    if (ownHeaders.test(key)) throw new CliError('usage', `${name} is set by the signature or the body`);
    headers[key] = headers[key] === undefined ? value.trim() : `${headers[key]}, ${value.trim()}`;
  }
  return headers;
}
