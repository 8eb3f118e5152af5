// Credentials in the forms that shells and tools read.
import type { TemporaryCredentials } from './sts.ts';

export const shells = ['bash', 'fish', 'powershell', 'cmd', 'profile', 'env', 'json'] as const;
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

/** What changes from one set of lines to the next; the rest is the form. */
type Slot = 'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'expiration' | 'profile';

export interface Piece {
  readonly text: string;
  readonly slot?: Slot;
}

export interface ProfileTarget {
  readonly region: string;
  /** Letters, digits and `.@+_-`, as profileName() makes it. */
  readonly profile: string;
}

/**
 * Lines to paste into a shell or a file, in pieces: those with a slot apart. The values hold nothing to escape: keys are `[A-Z0-9]`, secrets and
 * tokens base64. A leading space keeps lines out of the history of shells that are told to (HISTCONTROL=ignorespace).
 * Shells get no comment lines: `eval` of an unquoted answer would take the rest for one.
 */
export function credentialPieces(shell: Shell, credentials: TemporaryCredentials, target: ProfileTarget): Piece[] {
  if (shell === 'profile')
    return joinLines([
      [{ text: '[' }, piece('profile', target.profile), { text: ']' }],
      [{ text: '# until ' }, piece('expiration', credentials.expiration.toISOString())],
      ...secretValues(credentials).map(([name, value]) => [{ text: `${name.toLowerCase()} = ` }, value]),
      [{ text: `region = ${target.region}` }],
    ]);
  if (shell === 'json') {
    const quoted = (name: string, value: Piece, end = ',') => [{ text: `  "${name}": "` }, value, { text: `"${end}` }];
    return joinLines([
      [{ text: '{' }],
      [{ text: '  "Version": 1,' }],
      quoted('AccessKeyId', piece('accessKeyId', credentials.accessKeyId)),
      quoted('SecretAccessKey', piece('secretAccessKey', credentials.secretAccessKey)),
      quoted('SessionToken', piece('sessionToken', credentials.sessionToken)),
      quoted('Expiration', piece('expiration', credentials.expiration.toISOString()), ''),
      [{ text: '}' }],
    ]);
  }
  const values: readonly (readonly [string, Piece])[] = [
    ...secretValues(credentials),
    // As `aws configure export-credentials` names it: tools that know it say "expired" and not "access denied".
    ['AWS_CREDENTIAL_EXPIRATION', piece('expiration', credentials.expiration.toISOString())],
    ['AWS_REGION', { text: target.region }],
    ['AWS_DEFAULT_REGION', { text: target.region }],
  ];
  return joinLines(
    values.map(([name, value]) => {
      const [before, after] = lineTemplates[shell](name);
      return [{ text: before }, value, { text: after }];
    }),
  );
}

const lineTemplates: Readonly<Record<Exclude<Shell, 'profile' | 'json'>, (name: string) => readonly [string, string]>> =
  {
    bash: (name) => [` export ${name}='`, `'`],
    fish: (name) => [` set -gx ${name} '`, `'`],
    powershell: (name) => [` $Env:${name}='`, `'`],
    cmd: (name) => [`set "${name}=`, '"'],
    env: (name) => [`${name}=`, ''],
  };

/**
 * A profile without keys, for ~/.aws/config: tools start the command of `rolegate` whenever they need credentials.
 * @param role its ARN, as one word of a command line
 */
export function processProfilePieces(role: string, broker: string, { region, profile }: ProfileTarget): Piece[] {
  return joinLines([
    [{ text: '[profile ' }, piece('profile', profile), { text: ']' }],
    [
      {
        text: `credential_process = rolegate credential-process --broker ${broker} --role ${role}`,
      },
    ],
    [{ text: `region = ${region}` }],
  ]);
}

function secretValues(credentials: TemporaryCredentials): (readonly [string, Piece])[] {
  return [
    ['AWS_ACCESS_KEY_ID', piece('accessKeyId', credentials.accessKeyId)],
    ['AWS_SECRET_ACCESS_KEY', piece('secretAccessKey', credentials.secretAccessKey)],
    ['AWS_SESSION_TOKEN', piece('sessionToken', credentials.sessionToken)],
  ];
}

function piece(slot: Slot, text: string): Piece {
  return { text, slot };
}

function joinLines(lines: readonly (readonly Piece[])[]): Piece[] {
  return lines.flatMap((line, index) => (index === 0 ? line : [{ text: '\n' }, ...line]));
}

/** A name for a profile that every tool reads: `payments-dev-Developer`. */
export function profileName(accountAlias: string, roleName: string): string {
  return `${accountAlias}-${roleName}`.replace(/[^\w.@+-]+/g, '-').slice(0, maxProfileLength);
}

const maxProfileLength = 128;
