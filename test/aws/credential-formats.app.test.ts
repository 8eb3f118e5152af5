import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AwsEmulator } from '../../emulators/aws/server.ts';
import { credentialPieces, credentialProcessDocument, profileName, shells } from '../../src/aws/credential-formats.ts';
import { type AssumedRole, createSts } from '../../src/aws/sts.ts';
import { runAwsCli } from '../support/aws-cli.ts';
import { keyPair } from '../support/key-pairs.ts';
import { startTrustingAws, stsCall } from './support/estate.ts';
import { stsOptions } from './support/sts-options.ts';

const credentials = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
  secretAccessKey: 'abc/def+ghi/JKLMNOPQRSTUVWXYZ0123456789',
  sessionToken: `IQoJb3JpZ2luX2VjE${'A/b+9='.repeat(150)}==`,
  expiration: new Date('2099-03-02T10:00:00.000Z'),
};
const variables = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_CREDENTIAL_EXPIRATION: '2099-03-02T10:00:00.000Z',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rolegate-formats-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args], { env: { PATH: process.env['PATH'] } });
  return stdout;
}

function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

const print = Object.keys(variables);
const expectedOutput = `${Object.values(variables).join('\n')}\n`;

/** The text that a user pastes. */
const exportLines = (
  shell: Parameters<typeof credentialPieces>[0],
  from: Parameters<typeof credentialPieces>[1],
  region: string,
  profile = 'rolegate',
) =>
  credentialPieces(shell, from, { region, profile })
    .map(({ text }) => text)
    .join('');

describe('the lines of credentials', () => {
  // Every POSIX shell reads the form of bash.
  for (const shell of ['bash', 'sh', 'dash', 'zsh'].filter(isInstalled)) {
    test(`for bash is understood by ${shell}, evaluated as the documentation says`, async () => {
      const script = `eval "$1"; printf '%s\\n' ${print.map((name) => `"$${name}"`).join(' ')}; env | grep -c ^AWS_`;
      const output = await run(shell, ['-c', script, shell, exportLines('bash', credentials, 'eu-west-1')]);
      expect(output).toBe(`${expectedOutput}6\n`);
    });
  }

  test('for bash begins each line with a space, which keeps it out of the history', () => {
    const lines = exportLines('bash', credentials, 'eu-west-1').split('\n');
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(line).toMatch(/^ export AWS_[A-Z_]+='[\w/+=:.-]+'$/);
  });

  const forms: readonly (readonly ['fish' | 'powershell' | 'cmd', RegExp])[] = [
    ['fish', /^ set -gx (AWS_[A-Z_]+) '([\w/+=:.-]+)'$/],
    ['powershell', /^ \$Env:(AWS_[A-Z_]+)='([\w/+=:.-]+)'$/],
    ['cmd', /^set "(AWS_[A-Z_]+)=([\w/+=:.-]+)"$/],
  ];
  for (const [shell, form] of forms) {
    test(`for ${shell} sets each variable on a separate line`, () => {
      const lines = exportLines(shell, credentials, 'eu-west-1').split('\n');
      const read = lines.map((line) => form.exec(line)?.slice(1) ?? line);
      expect(Object.fromEntries(read as [string, string][])).toEqual(variables);
    });
  }

  test('for env is read by node as an env file', async () => {
    const file = join(directory, '.env');
    await writeFile(file, exportLines('env', credentials, 'eu-west-1'));
    const script = `console.log([${print.map((name) => `process.env.${name}`)}].join('\\n'))`;
    expect(await run(process.execPath, [`--env-file=${file}`, '-e', script])).toBe(expectedOutput);
  });

  test('as JSON is the document of credential_process', () => {
    const document = JSON.parse(exportLines('json', credentials, 'eu-west-1'));
    expect(document).toEqual(credentialProcessDocument(credentials));
  });

  test('as a profile has the name that it is given, and says when it ends', () => {
    const lines = exportLines('profile', credentials, 'eu-west-1', 'payments-dev-Developer').split('\n');
    expect(lines.slice(0, 2)).toEqual(['[payments-dev-Developer]', '# until 2099-03-02T10:00:00.000Z']);
  });

  test('knows each shell it names', () => {
    for (const shell of shells)
      expect(exportLines(shell, credentials, 'eu-west-1')).toContain(credentials.sessionToken);
  });
});

describe('credentialPieces', () => {
  test.each(shells)('for %s has every secret in a separate piece', (shell) => {
    const pieces = credentialPieces(shell, credentials, { region: 'eu-west-1', profile: 'p' });
    for (const slot of ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) {
      expect(pieces.filter((piece) => piece.slot === slot)).toEqual([{ slot, text: credentials[slot] }]);
      expect(pieces.filter((piece) => piece.text.includes(credentials[slot]))).toHaveLength(1);
    }
  });
});

describe('profileName', () => {
  const rows: [alias: string, role: string, name: string][] = [
    ['payments-dev', 'Developer', 'payments-dev-Developer'],
    ['data', 'ops+on,call=1@x.y', 'data-ops+on-call-1@x.y'],
    ['a'.repeat(63), 'r'.repeat(70), `${'a'.repeat(63)}-${'r'.repeat(64)}`],
  ];
  test.each(rows)('of %s and %s', (alias, role, name) => {
    expect(profileName(alias, role)).toBe(name);
  });
});

describe('credentialProcessDocument', () => {
  test('is version 1 with an end', () => {
    expect(credentialProcessDocument(credentials)).toEqual({
      Version: 1,
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: '2099-03-02T10:00:00.000Z',
    });
  });
});

describe('the AWS CLI, with credentials that an AWS gave', () => {
  let aws: AwsEmulator;
  let given: AssumedRole;
  beforeAll(async () => {
    const pair = keyPair('minting');
    // The CLI signs with the time of this machine.
    const started = new Date(Date.now());
    aws = await startTrustingAws(pair, () => started);
    const sts = createSts(stsOptions(() => aws.url));
    given = await sts.assumeRoleWithSaml(await stsCall(pair, { issuedAt: started, authenticatedAt: started }));
  });
  afterAll(() => aws.close());

  async function whoAmI(environment: Record<string, string>): Promise<string> {
    const args = ['sts', 'get-caller-identity', '--profile', 'rolegate', '--output', 'json', '--endpoint-url', aws.url];
    const { code, stdout, stderr } = await runAwsCli([...args, '--region', 'us-east-1'], environment);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return JSON.parse(stdout).Arn;
  }

  test('takes the profile', async () => {
    const file = join(directory, 'credentials');
    await writeFile(file, `${exportLines('profile', given.credentials, 'eu-west-1')}\n`);
    expect(await whoAmI({ AWS_SHARED_CREDENTIALS_FILE: file })).toBe(given.assumedRoleArn);
  });

  test('takes the document from a credential_process', async () => {
    const [document, config] = [join(directory, 'document.json'), join(directory, 'config')];
    await writeFile(document, JSON.stringify(credentialProcessDocument(given.credentials)));
    await writeFile(config, `[profile rolegate]\ncredential_process = cat ${document}\n`);
    expect(await whoAmI({ AWS_CONFIG_FILE: config })).toBe(given.assumedRoleArn);
  });
});
