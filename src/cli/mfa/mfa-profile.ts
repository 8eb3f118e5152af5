// What `rolegate mfa` takes from the AWS files: a person's own long-term keys, and what the profile says beside them.

import { partitions } from '../../aws/partitions.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readSections } from '../profiles/aws-config.ts';
import { awsFiles, readBytes } from '../profiles/aws-config-file.ts';

export interface MfaProfile {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** ARN of a virtual device, or the number on a hardware one. */
  readonly serial: string | undefined;
  /** Assumed with the code, where the profile names one; else the session is the user's own. */
  readonly roleArn: string | undefined;
  readonly externalId: string | undefined;
  readonly region: string;
}

/** @throws CliError usage, which names the missing setting and its place */
export function readMfaProfile(context: CliContext, name: string): MfaProfile {
  const files = awsFiles(context);
  const config = readSections(readBytes(files.config));
  const credentials = readSections(readBytes(files.credentials));
  const settingsOf = (profile: string): ReadonlyMap<string, string> => {
    const header = profile === 'default' ? 'default' : `profile ${profile}`;
    const found = [
      ...config.filter((each) => each.header === header),
      ...credentials.filter((each) => each.header === profile),
    ];
    return new Map(found.flatMap(({ settings }) => [...settings]));
  };
  const own = settingsOf(name);
  if (own.size === 0) throw new CliError('usage', `no profile ${name} in ${files.config} or ${files.credentials}`);
  const source = own.get('source_profile');
  const keys = source === undefined ? own : settingsOf(source);
  const [accessKeyId, secretAccessKey] = [keys.get('aws_access_key_id'), keys.get('aws_secret_access_key')];
  if (!accessKeyId || !secretAccessKey || keys.has('aws_session_token')) {
    throw new CliError(
      'usage',
      `the profile ${source ?? name} has no long-term keys of an IAM user in ${files.credentials}`,
    );
  }
  const [serial, roleArn, externalId] = ['mfa_serial', 'role_arn', 'external_id'].map((setting) => own.get(setting));
  const region =
    own.get('region') ||
    context.env['AWS_REGION'] ||
    context.env['AWS_DEFAULT_REGION'] ||
    partitions[/^arn:([a-z-]+):/.exec(roleArn ?? serial ?? '')?.[1] ?? 'aws']?.firstRegion ||
    'us-east-1';
  return { name, accessKeyId, secretAccessKey, serial, roleArn, externalId, region };
}
