import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { detectShell, exportText, failureText } from '../../../src/cli/credentials/export.ts';
import type { Shell } from '../../../src/cli/credentials/shells.ts';
import type { Credentials } from '../../../src/wire/api.ts';

const credentials: Credentials = {
  Version: 1,
  AccessKeyId: 'ASIAEXAMPLE',
  SecretAccessKey: 'sec/ret+key=',
  SessionToken: 'to/ken+==',
  Expiration: '2026-03-02T10:00:00.250Z',
  RoleArn: 'arn:aws:iam::444455556666:role/Developer',
  AssumedRoleArn: 'arn:aws:sts::444455556666:assumed-role/Developer/alice',
  DurationSeconds: 3600,
  DurationLimitedBy: 'rule',
};

const expected = [
  'AWS_ACCESS_KEY_ID=ASIAEXAMPLE',
  'AWS_CREDENTIAL_EXPIRATION=2026-03-02T10:00:00Z',
  'AWS_DEFAULT_REGION=eu-west-1',
  'AWS_REGION=eu-west-1',
  'AWS_SECRET_ACCESS_KEY=sec/ret+key=',
  'AWS_SESSION_TOKEN=to/ken+==',
];

/** What a program sees that is started after the lines were evaluated. */
function awsVariables(shell: string, script: string): string[] {
  const env = { PATH: process.env['PATH'], AWS_PROFILE: 'other', AWS_DEFAULT_PROFILE: 'other', AWS_ROLE_ARN: 'other' };
  const { stdout, stderr, status } = spawnSync(shell, ['-c', `${script}\nenv`], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('AWS_'))
    .sort();
}

test('a POSIX shell has the credentials and nothing beside them, even from one line', () => {
  const text = exportText('bash', credentials, 'eu-west-1');
  expect(awsVariables('bash', text)).toEqual(expected);
  expect(awsVariables('sh', `eval $(cat <<'END'\n${text}\nEND\n)`)).toEqual(expected);
  expect(exportText('zsh', credentials, 'eu-west-1')).toBe(text);
});

test.each<[Shell, string, string]>([
  ['zsh', 'unset AWS_SESSION_TOKEN;', 'false;'],
  ['fish', 'set -e AWS_SESSION_TOKEN;', 'false;'],
  ['pwsh', 'Remove-Item -ErrorAction SilentlyContinue Env:AWS_SESSION_TOKEN', ''],
  ['cmd', 'set "AWS_SESSION_TOKEN="', ''],
])('a failure takes the credentials of before out of %s', (shell, unset, last) => {
  const lines = failureText(shell).split('\n');
  expect(lines).toContain(unset);
  expect(lines).toContain(unset.replace('SESSION_TOKEN', 'PROFILE'));
  expect(lines.includes('false;')).toBe(last === 'false;');
  expect(failureText('env') + failureText('json')).toBe('');
});

test('without a region, that of the shell stays', () => {
  expect(exportText('bash', credentials, undefined)).not.toContain('REGION');
});

test.each<[Shell, string, string]>([
  ['fish', "set -gx AWS_SESSION_TOKEN 'to/ken+==';", 'set -e AWS_PROFILE;'],
  ['pwsh', "$Env:AWS_SESSION_TOKEN = 'to/ken+=='", 'Remove-Item -ErrorAction SilentlyContinue Env:AWS_PROFILE'],
  ['cmd', 'set "AWS_SESSION_TOKEN=to/ken+=="', 'set "AWS_PROFILE="'],
])('%s sets and unsets in its own words', (shell, set, unset) => {
  const lines = exportText(shell, credentials, 'eu-west-1').split('\n');
  expect(lines).toContain(set);
  expect(lines).toContain(unset);
});

test('a file of variables has those alone, and JSON is the document of credential_process', () => {
  expect(exportText('env', credentials, 'eu-west-1').split('\n').sort()).toEqual(expected);
  expect(JSON.parse(exportText('json', credentials, 'eu-west-1'))).toEqual({
    Version: 1,
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 'sec/ret+key=',
    SessionToken: 'to/ken+==',
    Expiration: '2026-03-02T10:00:00Z',
  });
});

test.each(["a'; rm -rf ~; '", 'a b', 'a`id`', 'a$HOME', 'a\nb', 'a%PATH%', 'a"b'])(
  'never prints what a shell could take for more than text: %j',
  (SessionToken) => {
    expect(() => exportText('bash', { ...credentials, SessionToken }, undefined)).toThrow('no credential has');
  },
);

test.each<[string, { platform?: NodeJS.Platform; env: Record<string, string> }, Shell]>([
  ['bash', { env: { SHELL: '/bin/bash' } }, 'bash'],
  ['zsh', { env: { SHELL: '/usr/bin/zsh' } }, 'zsh'],
  ['fish', { env: { SHELL: '/opt/homebrew/bin/fish' } }, 'fish'],
  ['an unknown one', { env: { SHELL: '/bin/ksh' } }, 'bash'],
  ['nothing', { env: {} }, 'bash'],
  ['PowerShell on Linux', { env: { SHELL: '/bin/bash', PSModulePath: '/opt/microsoft/powershell/7/Modules' } }, 'pwsh'],
  ['cmd', { platform: 'win32', env: { PSModulePath: 'C:\\Program Files\\A;C:\\Windows\\B' } }, 'cmd'],
  [
    'PowerShell',
    { platform: 'win32', env: { PSModulePath: 'C:\\Users\\me\\A;C:\\Program Files\\B;C:\\Windows\\C' } },
    'pwsh',
  ],
  ['Git Bash', { platform: 'win32', env: { SHELL: '/usr/bin/bash.exe', PSModulePath: 'C:\\A;C:\\B;C:\\C' } }, 'bash'],
])('recognizes %s', (_, { platform = 'linux', env }, shell) => {
  expect(detectShell({ platform, env, homeDirectory: '/home/alice' })).toBe(shell);
});
