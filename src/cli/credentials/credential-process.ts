// `rolegate credential-process`: what profiles name as their credential_process. On standard output there is the document
// and nothing else; what goes wrong is one line on standard error, which the SDKs show.
import { type CliContext, print } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { brokerOf } from '../machine/settings.ts';
import { automaticSignIn } from '../sign-in/automatic-sign-in.ts';
import { credentialProcessJson } from './credential-cache.ts';
import { obtainCredentials } from './credentials.ts';
import { readSessionOptions, type SessionOptions } from './session-options.ts';

export interface CredentialProcessOptions extends SessionOptions {
  readonly role: string;
  readonly login?: true;
  readonly broker?: string;
}

/** @throws CliError */
export async function printCredentials(context: CliContext, options: CredentialProcessOptions): Promise<void> {
  if (!options.role.startsWith('arn:')) throw new CliError('usage', '--role must be the ARN of a role');
  const broker = brokerOf(context, options.broker);
  const request = { broker, roleArn: options.role, ...readSessionOptions(options) };
  const credentials = await obtainCredentials(context, request).catch(async (error: unknown) => {
    if (!options.login || !(error instanceof CliError) || error.exit !== 'login') throw error;
    const { stepUpRole } = error;
    await automaticSignIn(context, broker, { opensBrowser: true, needsBrowser: true, stepUpRole });
    return obtainCredentials(context, request);
  });
  print(context, credentialProcessJson(credentials));
}
