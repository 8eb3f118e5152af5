// The executable of this platform, as people without Node get it: built from Node's npm package, unpacked and run. The other
// platforms' executables are made by the same code, and cannot run here.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeCached } from '../../src/cli/credentials/credential-cache.ts';
import type { Credentials } from '../../src/wire/api.ts';
import { releaseManifest } from '../../src/wire/release.ts';
import { cacheFor, roleArn } from '../cli/support/broker.ts';
import { createMachine, type Machine } from '../cli/support/machine.ts';
import {
  createKey,
  type ReleaseBroker,
  type ReleaseKey,
  signRelease,
  startReleaseBroker,
} from '../cli/support/releases.ts';
import { endsWithUs } from '../support/children.ts';
import { minisignPath } from '../support/parts/parts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'deploy/package-cli.mjs');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const platform = `${process.platform}-${process.arch}`;
const name = `rolegate-${version}-${platform}`;
let out: string;
let machine: Machine;
let key: ReleaseKey;
let broker: ReleaseBroker;

beforeAll(async () => {
  broker = await startReleaseBroker();
  key = createKey();
  out = mkdtempSync(join(tmpdir(), 'rolegate-executables-'));
  machine = createMachine();
  const url = 'https://aws.example.com/releases/';
  execFileSync(process.execPath, [script, '--out', out, '--only', platform, '--url', url, '--level', '1', ...keys()]);
  execFileSync('tar', ['-xzf', join(out, `${name}.tar.gz`), '-C', out]);
}, 600_000);
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
  rmSync(key.folder, { recursive: true, force: true });
  broker.close();
  machine.remove();
});

const keys = () => ['--public-key', join(key.folder, 'release.pub'), '--key', join(key.folder, 'release.key')];

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
  expect(sums[1]).toBe(`${archive}  ${name}.tar.gz`);
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

test('the rpm holds the executable as it is, with the permissions of a program', () => {
  const [rpm = ''] = readdirSync(out).filter((file) => file.endsWith('.rpm'));
  const path = join(out, rpm);
  const query = (...words: string[]) => execFileSync('rpm', ['-qp', ...words, path], { encoding: 'utf8' });
  expect(query('--queryformat', '%{NAME} %{VERSION} %{LICENSE} %{ARCH}')).toBe(
    `rolegate ${version} Apache-2.0 ${process.arch === 'x64' ? 'x86_64' : 'aarch64'}`,
  );
  const sha256 = createHash('sha256')
    .update(readFileSync(join(out, name, 'rolegate')))
    .digest('hex');
  // Name, size, time, digest, mode, owner, group.
  expect(query('--dump')).toMatch(new RegExp(`^/usr/bin/rolegate \\d+ \\d+ ${sha256} 0100755 root root `, 'm'));
  expect(query('--list')).toContain('/usr/share/doc/rolegate/LICENSES\n');
  expect(query('--requires')).toContain('glibc >= 2.28\n');
});

test('the deb holds the same executable, owned by root, and nothing else that could run', () => {
  const [deb = ''] = readdirSync(out).filter((file) => file.endsWith('.deb'));
  const read = (...words: string[]) => execFileSync('dpkg-deb', words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const fields = read('--field', join(out, deb));
  const architecture = process.arch === 'x64' ? 'amd64' : 'arm64';
  for (const [field, value] of Object.entries({ Package: 'rolegate', Version: version, Architecture: architecture })) {
    expect(fields).toMatch(new RegExp(`^${field}: ${value}$`, 'm'));
  }
  expect(fields).toMatch(/^Depends: libc6 \(>= 2\.28\), libstdc\+\+6$/m);
  // Mode, owner, size, date, time, name.
  const entries = read('--contents', join(out, deb)).trim().split('\n');
  const files = entries.filter((line) => !line.startsWith('d')).map((line) => line.split(/\s+/));
  expect(files.map(([mode, owner, , , , file]) => `${mode} ${owner} ${file}`).sort()).toEqual([
    '-rw-r--r-- root/root ./usr/share/doc/rolegate/LICENSE',
    '-rw-r--r-- root/root ./usr/share/doc/rolegate/LICENSE-node',
    '-rw-r--r-- root/root ./usr/share/doc/rolegate/LICENSES',
    '-rwxr-xr-x root/root ./usr/bin/rolegate',
  ]);
  const unpacked = join(out, 'deb');
  const control = join(out, 'deb-control');
  read('--extract', join(out, deb), unpacked);
  read('--control', join(out, deb), control);
  expect(readFileSync(join(unpacked, 'usr/bin/rolegate')).equals(readFileSync(join(out, name, 'rolegate')))).toBe(true);
  // No script of a maintainer runs as root.
  expect(readdirSync(control)).toEqual(['control']);
});

test.each([
  [['--level', '0'], '0 is not a level of compression'],
  [['--only', 'plan9-x64'], 'plan9-x64 is not a platform'],
  [['--url', 'http://aws.example.com'], 'is not an https address'],
])('%j is refused', (argv, message) => {
  const { status, stderr } = spawnSync(process.execPath, [script, ...argv], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
});

test('the release is signed, as minisign says too, and names every file', () => {
  const words = ['-V', '-m', join(out, 'release.json'), '-p', join(key.folder, 'release.pub')];
  expect(execFileSync(minisignPath(), words, { encoding: 'utf8' })).toContain(
    'Signature and comment signature verified',
  );
  const { data } = releaseManifest.safeParse(JSON.parse(readFileSync(join(out, 'release.json'), 'utf8')));
  expect(data).toMatchObject({ name: 'rolegate', version });
  const sums = readFileSync(join(out, 'SHA256SUMS'), 'utf8');
  expect(data!.files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')).toBe(sums);
  expect(data!.files.map(({ platform: of, format }) => [of, format])).toEqual([
    ['any', 'script'],
    [platform, 'tar.gz'],
    [platform, 'deb'],
    [platform, 'rpm'],
  ]);
});

test('the executable and the script update themselves, and nothing that is not signed', async () => {
  const program = "#!/bin/sh\necho '9.9.9'\n";
  const folder = join(out, 'new', 'rolegate-9.9.9');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'rolegate'), program, { mode: 0o755 });
  const archive = execFileSync('tar', ['-cz', '-C', join(out, 'new'), 'rolegate-9.9.9']);
  const script = "console.log('9.9.9');\n";
  broker.offer = signRelease(createKey(), '9.9.9', [{ platform, format: 'tar.gz', content: archive }]);
  const folders = [join(out, 'executable'), join(out, 'script')] as const;
  for (const each of folders) mkdirSync(each);
  const [executable, file] = [join(folders[0], 'rolegate'), join(folders[1], 'rolegate')];
  copyFileSync(join(out, name, 'rolegate'), executable);
  copyFileSync(join(out, `rolegate-${version}.cjs`), file);
  const words = ['update', '--broker', broker.url];
  expect(await start([executable, ...words])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is not signed by'),
  });

  broker.offer = signRelease(key, '9.9.9', [
    { platform, format: 'tar.gz', content: archive },
    { platform: 'any', format: 'script', content: Buffer.from(script) },
  ]);
  // Another user, who cannot write the folder.
  for (const path of [out, ...folders]) chmodSync(path, 0o755);
  expect(await start([executable, ...words], 65_534)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`${folders[0]} cannot be written by you: run \`sudo -H '${executable}' update`),
  });
  expect(await start([executable, ...words])).toMatchObject({
    status: 0,
    stderr: `Updated rolegate ${version} to 9.9.9: ${executable}\n`,
  });
  expect(readFileSync(executable, 'utf8')).toBe(program);
  expect(await start([process.execPath, file, ...words])).toMatchObject({ status: 0 });
  expect(readFileSync(file, 'utf8')).toBe(script);
});

/** Not to its end at once: the broker answers in this process. */
async function start([program = '', ...argv]: readonly string[], uid?: number) {
  const home = mkdtempSync(join(tmpdir(), 'rolegate-home-'));
  chmodSync(home, 0o777);
  const env = { HOME: home, ROLEGATE_STATE_HOME: join(home, `state-${uid}`), PATH: '/nowhere' };
  const child = endsWithUs(spawn(program, argv, { env, ...(uid === undefined ? {} : { uid, gid: uid }) }));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  rmSync(home, { recursive: true, force: true });
  return { status, stderr };
}
