// The executable of this platform, as people without Node get it: built from Node's npm package, unpacked and run. The other
// platforms' executables are made by the same code, and cannot run here.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeCached } from '../../src/cli/credentials/credential-cache.ts';
import type { Credentials } from '../../src/wire/api.ts';
import { cacheFor, roleArn } from '../cli/support/broker.ts';
import { createMachine, type Machine } from '../cli/support/machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'deploy/package-cli.mjs');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const platform = `${process.platform}-${process.arch}`;
const name = `rolegate-${version}-${platform}`;
let out: string;
let machine: Machine;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'rolegate-executables-'));
  machine = createMachine();
  const url = 'https://aws.example.com/releases/';
  execFileSync(process.execPath, [script, '--out', out, '--only', platform, '--url', url]);
  execFileSync('tar', ['-xzf', join(out, `${name}.tar.gz`), '-C', out]);
}, 600_000);
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
  machine.remove();
});

/** Without Node on its PATH. */
function run(...argv: string[]) {
  const env = { HOME: machine.home, PATH: '/nowhere' };
  const { status, stdout, stderr } = spawnSync(join(out, name, 'rolegate'), argv, { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the executable says its version and helps, without Node', () => {
  expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(run('--help').stdout).toContain('Usage: rolegate [options] [command]');
  expect(JSON.parse(run('version', '--json').stdout)).toMatchObject({ version, node: '26.10.0' });
});

test('it answers from the cache, and ends as the command does', () => {
  const broker = 'https://broker.example.com';
  cacheFor(machine.context, broker);
  const credentials: Credentials = {
    ...{ Version: 1, RoleArn: roleArn, AssumedRoleArn: roleArn, DurationSeconds: 3600, DurationLimitedBy: 'rule' },
    ...{ AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret', SessionToken: 'token' },
    Expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ''),
  };
  writeCached(machine.context, { broker, roleArn }, credentials);
  const words = ['credential-process', '--broker', broker, '--role', roleArn];
  expect(JSON.parse(run(...words).stdout)).toMatchObject({ AccessKeyId: 'ASIAEXAMPLE' });
  expect(run('init', 'https://127.0.0.1:1')).toMatchObject({ status: 5, stderr: expect.stringMatching(/^rolegate: /) });
});

test('checksums, bill of materials and the manifests of package managers are those of the files', () => {
  const sums = readFileSync(join(out, 'SHA256SUMS'), 'utf8').trim().split('\n');
  const archive = createHash('sha256')
    .update(readFileSync(join(out, `${name}.tar.gz`)))
    .digest('hex');
  expect(sums[0]).toBe(`${archive}  ${name}.tar.gz`);
  for (const line of sums) {
    const [sum, file = ''] = line.split('  ');
    expect(
      createHash('sha256')
        .update(readFileSync(join(out, file)))
        .digest('hex'),
    ).toBe(sum);
  }
  expect(readFileSync(join(out, 'rolegate.rb'), 'utf8')).toContain(`version "${version}"`);
  expect(JSON.parse(readFileSync(join(out, 'rolegate.json'), 'utf8'))).toMatchObject({ version, bin: 'rolegate.exe' });
  const { components } = JSON.parse(readFileSync(join(out, 'rolegate.cdx.json'), 'utf8'));
  const names = components.map((one: { name: string }) => one.name);
  expect(names).toEqual(expect.arrayContaining(['commander', 'oauth4webapi', '@smithy/signature-v4', 'node']));
  expect(names).not.toContain('express');
});

test.each([
  [['--only', 'plan9-x64'], 'plan9-x64 is not a platform'],
  [['--url', 'http://aws.example.com'], 'is not an https address'],
])('%j is refused', (argv, message) => {
  const { status, stderr } = spawnSync(process.execPath, [script, ...argv], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
});
