// `rolegate codecommit-credential`: git's credential helper protocol for CodeCommit. The user name holds the session token
// and the password is a signature (as `aws codecommit credential-helper` makes it), so it goes to CodeCommit's hosts only.
import { createHash } from 'node:crypto';
import { dnsSuffixOf } from '../../aws/partitions.ts';
import { createSigner } from '../curl/curl-sign.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { type IntegrationOptions, obtainRole, readInputText } from './integration-role.ts';

/** @throws CliError */
export async function codeCommitCredential(
  context: CliContext,
  action: string,
  options: IntegrationOptions,
): Promise<void> {
  const attributes = new Map(
    (await readInputText(context)).split('\n').map((line) => line.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  // Nothing is kept; git says so of operations that it may add later (gitcredentials: ignore unknown ones).
  if (action !== 'get') return;
  const host = attributes.get('host')?.replace(/:443$/, '') ?? '';
  const region = regionOf(host);
  // Another helper may know that host.
  if (attributes.get('protocol') !== 'https' || region === undefined) return;
  const path = attributes.get('path');
  if (!path) {
    throw new CliError('usage', 'git did not name the repository: git config --global credential.useHttpPath true');
  }
  const { credentials } = await obtainRole(context, { ...options, region });
  const password = await signGit(context, { host, path: `/${path}`, region }, credentials);
  print(context, `username=${credentials.AccessKeyId}%${credentials.SessionToken}\npassword=${password}`);
}

function regionOf(host: string): string | undefined {
  const [, region = '', dnsSuffix] = /^git-codecommit(?:-fips)?\.([a-z0-9-]+)\.([a-z.]+)$/.exec(host) ?? [];
  return dnsSuffix !== undefined && dnsSuffixOf(region) === dnsSuffix ? region : undefined;
}

interface GitRequest {
  readonly host: string;
  readonly path: string;
  readonly region: string;
}

/** Signature Version 4 of the method GIT, without a hash of a body, and with a date that has no Z. */
async function signGit(
  context: CliContext,
  { host, path, region }: GitRequest,
  credentials: Parameters<typeof createSigner>[1],
): Promise<string> {
  const signer = await createSigner({ service: 'codecommit', region }, credentials);
  const now = context.clock.now();
  const timestamp = now.toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const canonical = `GIT\n${path}\n\nhost:${host}\n\nhost\n`;
  const scope = `${timestamp.slice(0, 8)}/${region}/codecommit/aws4_request`;
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash}`;
  return `${timestamp}Z${await signer.sign(text, { signingDate: now })}`;
}
