// Settings that the SDKs silently prefer to a profile that rolegate wrote.

import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable } from '../machine/printable.ts';
import { findBlock, readSections, type Section } from './aws-config.ts';
import { type AwsFiles, readBytes, refuseUtf16 } from './aws-config-file.ts';

export interface Shadow {
  /** The conflicting setting and its place. */
  readonly what: string;
  readonly advice: string;
}

/** Settings with which a profile gets its credentials in another way. All of them come before credential_process. */
const sources =
  /^(aws_access_key_id|aws_secret_access_key|aws_session_token|sso_\w+|source_profile|role_arn|credential_source|web_identity_token_file|login_session|credential_process)$/;

const maxShadows = 10;

/** For the block of a broker in some text of the file. @throws CliError failed, with what to change */
export function requireNoShadows(files: AwsFiles, broker: string, config: string, names: ReadonlySet<string>): void {
  const { before, after } = findBlock(config, broker);
  const credentials = readBytes(files.credentials);
  refuseUtf16(files.credentials, credentials);
  const shadows = shadowedProfiles(names, files, { config: `${before}\n${after}`, credentials });
  if (shadows.length === 0) return;
  const lines = shadows.slice(0, maxShadows).map(({ what, advice }) => printable(`${what}: ${advice}`));
  const more = shadows.length > maxShadows ? [`and ${shadows.length - maxShadows} more`] : [];
  const said = [...lines, ...more].map((line) => `\n  ${line}`).join('');
  throw new CliError('failed', `nothing was written: these would override your profiles:${said}`);
}

/**
 * Foreign sections with the name of a rolegate profile, or with settings for all.
 * @param texts of both files, without the block that rolegate wrote
 */
export function shadowedProfiles(
  names: ReadonlySet<string>,
  files: AwsFiles,
  texts: { readonly config: string; readonly credentials: string },
): Shadow[] {
  const rename = 'or give your profiles other names with --template';
  return [
    ...readSections(texts.config).flatMap((section): Shadow[] => {
      if (section.header === 'DEFAULT') {
        // Python's reader, and so the AWS CLI and boto3, adds the settings of [DEFAULT] to every section.
        const found = sourceOf(section);
        if (found === undefined) return [];
        const what = `[DEFAULT] in ${files.config} gives ${found} to every profile of the AWS CLI and boto3`;
        return [{ what, advice: 'call it [default]' }];
      }
      const name = section.header === 'default' ? 'default' : /^profile (.+)$/.exec(section.header)?.[1];
      if (name === undefined || !names.has(name)) return [];
      const found = sourceOf(section);
      const what = `[${section.header}] in ${files.config} is not from rolegate${found === undefined ? '' : `, and has ${found}`}`;
      return [{ what, advice: `rename or remove it, ${rename}` }];
    }),
    ...readSections(texts.credentials).flatMap((section): Shadow[] => {
      const found = sourceOf(section);
      if (!names.has(section.header) || found === undefined) return [];
      const what = `[${section.header}] in ${files.credentials} has ${found}, which every SDK takes before the profile`;
      return [{ what, advice: `remove that section if you do not need it any more, ${rename}` }];
    }),
  ];
}

function sourceOf({ settings }: Section): string | undefined {
  return [...settings.keys()].find((name) => sources.test(name));
}

const variables = [
  ['AWS_ACCESS_KEY_ID', 'every SDK takes it before AWS_PROFILE'],
  ['AWS_SECRET_ACCESS_KEY', 'every SDK takes it before AWS_PROFILE'],
  ['AWS_SESSION_TOKEN', 'every SDK takes it before AWS_PROFILE'],
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'SDKs may take it before AWS_PROFILE'],
] as const;

/** Variables that win over AWS_PROFILE. An explicit `--profile` of the AWS CLI wins over them. */
export function shadowingVariables(env: CliContext['env']): Shadow[] {
  const set = variables.filter(([name]) => env[name]);
  return set.map(([name, what]) => ({ what: `${name} is set: ${what}`, advice: `unset ${name}` }));
}
