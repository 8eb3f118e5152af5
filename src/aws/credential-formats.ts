// Credentials in the forms that tools read.
import type { TemporaryCredentials } from './sts.ts';

export const shells = ['bash', 'fish', 'powershell', 'cmd', 'env', 'profile'] as const;
export type Shell = (typeof shells)[number];

/** The document of credential_process, version 1. */
export function credentialProcessDocument(credentials: TemporaryCredentials) {
  return {
    Version: 1 as const,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: credentials.expiration.toISOString(),
  };
}

/**
 * Lines to paste into a shell or a file. The values hold nothing to escape: keys are `[A-Z0-9]`, secrets and tokens
 * base64. A leading space keeps them out of the history of shells that are told to (HISTCONTROL=ignorespace).
 */
export function exportLines(shell: Shell, credentials: TemporaryCredentials, region: string): string {
  const variables: readonly (readonly [string, string])[] = [
    ['AWS_ACCESS_KEY_ID', credentials.accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey],
    ['AWS_SESSION_TOKEN', credentials.sessionToken],
    ['AWS_REGION', region],
    ['AWS_DEFAULT_REGION', region],
  ];
  if (shell === 'profile') {
    const lines = variables.slice(0, 3).map(([name, value]) => `${name.toLowerCase()} = ${value}`);
    return ['[rolegate]', ...lines, `region = ${region}`].join('\n');
  }
  return variables.map(([name, value]) => writers[shell](name, value)).join('\n');
}

const writers: Readonly<Record<Exclude<Shell, 'profile'>, (name: string, value: string) => string>> = {
  bash: (name, value) => ` export ${name}='${value}'`,
  fish: (name, value) => ` set -gx ${name} '${value}'`,
  powershell: (name, value) => ` $Env:${name}='${value}'`,
  cmd: (name, value) => `set "${name}=${value}"`,
  env: (name, value) => `${name}=${value}`,
};
