// `rolegate update`, at a broker that is honest, and at one that is compromised: it can withhold a release, and no more.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CliContext } from '../../../src/cli/machine/context.ts';
import { type UpdateOptions, update } from '../../../src/cli/update/update.ts';
import { releasePaths } from '../../../src/wire/release.ts';
import { follow } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import {
  createKey,
  type NewFile,
  type Offer,
  type ReleaseBroker,
  type ReleaseKey,
  signRelease,
  startReleaseBroker,
} from '../support/releases.ts';

const old = "console.log('0.2.0');\n";
const script = (version: string): NewFile => ({
  ...{ platform: 'any', format: 'script' },
  content: Buffer.from(`console.log('${version}');\n`),
});
const scriptPath = (version: string) => releasePaths.file(`rolegate-${version}-any.script`);

let key: ReleaseKey;
let otherKey: ReleaseKey;
let broker: ReleaseBroker;
let machine: Machine;
let file: string;

beforeAll(async () => {
  [key, otherKey] = [createKey(), createKey()];
  broker = await startReleaseBroker();
});
afterAll(() => {
  broker.close();
  for (const { folder } of [key, otherKey]) rmSync(folder, { recursive: true });
});
beforeEach(() => {
  machine?.remove();
  machine = createMachine();
  file = join(machine.home, 'rolegate');
  writeFileSync(file, old, { mode: 0o750 });
  broker.offer = signRelease(key, '0.3.0', [script('0.3.0')]);
  broker.asked.length = 0;
});
afterAll(() => machine.remove());

interface Attempt extends UpdateOptions {
  readonly version?: string;
  readonly keys?: readonly string[];
  readonly context?: Partial<CliContext>;
}

async function attempt({ version = '0.2.0', keys = [key.publicKey], context = {}, ...options }: Attempt = {}) {
  const own = { ...machine.context, argv0: [process.execPath, file], ...context };
  const { ended, said } = follow({ ...machine, context: own }, () =>
    update(own, { broker: broker.url, ...options }, { version, keys }),
  );
  return { ...(await ended), said: said(), stdout: machine.takeStdout() };
}

/** What a refusal leaves. */
function expectUnchanged() {
  expect(readFileSync(file, 'utf8')).toBe(old);
  expect(readdirSync(machine.home).filter((name) => name.startsWith('.rolegate'))).toEqual([]);
}

describe('an honest broker', () => {
  test('brings the newest release: in one step, with the permissions of the file, also through a link', async () => {
    const link = join(machine.home, 'bin');
    mkdirSync(link);
    symlinkSync(file, join(link, 'rolegate'));
    const result = await attempt({ context: { argv0: [process.execPath, join(link, 'rolegate')] } });
    expect(result).toMatchObject({ exit: 'ok', said: `Updated rolegate 0.2.0 to 0.3.0: ${file}\n` });
    expect(readFileSync(file, 'utf8')).toBe("console.log('0.3.0');\n");
    expect(statSync(file).mode & 0o777).toBe(0o750);
    expect(readdirSync(machine.home).filter((name) => name.includes('.new'))).toEqual([]);
  });

  test('--check and --json say what there is, and change nothing', async () => {
    expect(await attempt({ check: true })).toMatchObject({
      exit: 'ok',
      said: 'rolegate 0.3.0 (of 2026-11-30) is available, and this is 0.2.0: run `rolegate update`.\n',
    });
    const { stdout } = await attempt({ check: true, json: true });
    expect(JSON.parse(stdout)).toEqual({
      ...{ current: '0.2.0', available: '0.3.0', released: '2026-11-30', updated: false, file, command: null },
    });
    expect(await attempt({ version: '0.3.0' })).toMatchObject({
      exit: 'ok',
      said: 'rolegate 0.3.0 is the newest release (of 2026-11-30).\n',
    });
    expectUnchanged();
    expect(broker.asked).not.toContain(scriptPath('0.3.0'));
    expect(JSON.parse((await attempt({ json: true })).stdout)).toMatchObject({ updated: true });
  });

  test('a key that replaces another counts beside it', async () => {
    broker.offer = signRelease(otherKey, '0.3.0', [script('0.3.0')]);
    expect(await attempt()).toMatchObject({ exit: 'failed' });
    expect(await attempt({ keys: [key.publicKey, otherKey.publicKey] })).toMatchObject({ exit: 'ok' });
  });

  test('an executable comes from its archive', async () => {
    const platform = `${process.platform}-${process.arch}`;
    const archive = packed('rolegate', "#!/bin/sh\necho '0.3.0'\n");
    broker.offer = signRelease(key, '0.3.0', [{ platform, format: 'tar.gz', content: archive }]);
    expect(await attempt({ context: { argv0: [file] } })).toMatchObject({ exit: 'ok' });
    expect(readFileSync(file, 'utf8')).toBe("#!/bin/sh\necho '0.3.0'\n");
  });

  test('progress is shown on a terminal', async () => {
    Object.assign(machine.context.stderr, { isTTY: true });
    const line = 'Downloading rolegate-0.3.0-any.script: 0.0 of 0.0 MB (100 %)';
    expect((await attempt()).said).toContain(`\r\x1b[K${line}\r\x1b[K`);
  });
});

function packed(name: string, content: string): Buffer {
  const folder = join(machine.home, 'archive', 'rolegate-0.3.0');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'LICENSE'), 'x'.repeat(700));
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), 0o755);
  const tar = execFileSync('tar', ['-c', '-C', join(folder, '..'), 'rolegate-0.3.0']);
  rmSync(folder, { recursive: true });
  return gzipSync(tar);
}

describe('a compromised broker', () => {
  const changed = (offer: Offer, path: string, change: (content: string) => string) =>
    offer.set(path, Buffer.from(change(String(offer.get(path)))));

  test.each<[what: string, prepare: () => void, message: RegExp]>([
    [
      'a changed file of the same size',
      () => changed(broker.offer, scriptPath('0.3.0'), (text) => text.replace('log', 'dir')),
      /is not the file that was signed .*: nothing was changed$/,
    ],
    [
      'a shorter file',
      () => changed(broker.offer, scriptPath('0.3.0'), (text) => text.slice(1)),
      /is not the file that was signed/,
    ],
    [
      'a manifest that names its own file',
      () => changed(broker.offer, releasePaths.manifest, (text) => text.replace(/"sha256":"./, '"sha256":"')),
      /is not signed by your company's release key/,
    ],
    [
      'a manifest with a newer version',
      () => changed(broker.offer, releasePaths.manifest, (text) => text.replaceAll('0.3.0', '0.9.0')),
      /is not signed by your company's release key/,
    ],
    [
      'a release that another key signed',
      () => {
        broker.offer = signRelease(otherKey, '0.3.0', [script('0.3.0')]);
      },
      /is not signed by your company's release key/,
    ],
    [
      'the signature of another release',
      () => {
        const other = signRelease(key, '0.3.1', [script('0.3.1')]);
        broker.offer.set(releasePaths.signature, other.get(releasePaths.signature)!);
      },
      /is not signed by your company's release key/,
    ],
    [
      'a signature with another trusted comment',
      () => changed(broker.offer, releasePaths.signature, (text) => text.replace('timestamp:', 'timestamp:1')),
      /is not signed by your company's release key/,
    ],
    [
      'no signature',
      () => broker.offer.delete(releasePaths.signature),
      /offers no signed release: ask your administrators for the new version$/,
    ],
    ['no release at all', () => broker.offer.clear(), /offers no signed release/],
    [
      'what the key signed for another program',
      () => {
        broker.offer = signRelease(key, '0.3.0', [script('0.3.0')], { name: 'payments' });
      },
      /offers a release that this version cannot read/,
    ],
    [
      'an older release',
      () => {
        broker.offer = signRelease(key, '0.1.9', [script('0.1.9')]);
      },
      /^\S+ offers rolegate 0\.1\.9, and this is 0\.2\.0: not installed$/,
    ],
    [
      "another platform's file",
      () => {
        broker.offer = signRelease(key, '0.3.0', [script('0.3.0'), { ...script('0.3.1'), platform: 'linux-x64' }]);
        const other = broker.offer.get(releasePaths.file('rolegate-0.3.0-linux-x64.script'))!;
        broker.offer.set(scriptPath('0.3.0'), other);
      },
      /is not the file that was signed/,
    ],
    [
      'a release without a file for this platform',
      () => {
        broker.offer = signRelease(key, '0.3.0', [{ ...script('0.3.0'), platform: 'linux-x64' }]);
      },
      /rolegate 0\.3\.0 has no script for Node: nothing was changed$/,
    ],
    [
      'a body without an end',
      () => broker.offer.set(scriptPath('0.3.0'), (response) => endless(response)),
      /sends more than the 22 bytes that \/cli\/releases\/\S+ may have$/,
    ],
    [
      'a manifest without an end',
      () => broker.offer.set(releasePaths.manifest, (response) => endless(response)),
      /sends more than the 65536 bytes that \/cli\/release\.json may have$/,
    ],
    [
      'a redirect elsewhere',
      () =>
        broker.offer.set(scriptPath('0.3.0'), (response) => {
          response.writeHead(302, { Location: `${broker.url}/elsewhere` }).end();
        }),
      /redirects to http:\S+\/elsewhere, and an update follows no redirect$/,
    ],
    [
      'a broken connection',
      () => broker.offer.set(scriptPath('0.3.0'), (response) => response.write('console', () => response.destroy())),
      /cannot be reached/,
    ],
    [
      'an error',
      () => broker.offer.set(scriptPath('0.3.0'), (response) => void response.writeHead(503).end()),
      /answers \/cli\/releases\/\S+ with status 503$/,
    ],
  ])('%s is refused', async (_, prepare, message) => {
    broker.offer.set('/elsewhere', broker.offer.get(scriptPath('0.3.0'))!);
    prepare();
    const result = await attempt();
    expect(result.message).toMatch(message);
    expect(['failed', 'network']).toContain(result.exit);
    expectUnchanged();
    expect(broker.asked).not.toContain('/elsewhere');
  });

  test('a release that was seen before makes every older one a downgrade', async () => {
    expect((await attempt({ check: true })).exit).toBe('ok');
    broker.offer = signRelease(key, '0.2.5', [script('0.2.5')]);
    expect(await attempt()).toMatchObject({
      exit: 'failed',
      message: expect.stringMatching(/offers rolegate 0\.2\.5, and 0\.3\.0 was offered before: not installed$/),
    });
    expectUnchanged();
    broker.offer = signRelease(key, '0.10.0', [script('0.10.0')]);
    expect((await attempt()).exit).toBe('ok');
  });

  // The positive twin of all of these.
  test('nothing of that: the release is installed', async () => {
    expect((await attempt()).exit).toBe('ok');
    expect(readFileSync(file, 'utf8')).not.toBe(old);
  });
});

function endless(response: import('node:http').ServerResponse): void {
  const more = () => {
    while (response.write('console.log(1);\n'.repeat(4096)));
    response.once('drain', more);
  };
  more();
}

describe('a release that does not fit', () => {
  test('what does not start here, or is another version, keeps the old file', async () => {
    const content = Buffer.from("throw new Error('no such thing');\n");
    broker.offer = signRelease(key, '0.3.0', [{ ...script('0.3.0'), content }]);
    expect((await attempt()).message).toMatch(/^the new version does not start here \(.*\): nothing was changed$/);
    broker.offer = signRelease(key, '0.4.0', [script('0.3.0')]);
    expect((await attempt()).message).toMatch(/says that it is 0\.3\.0, not 0\.4\.0: nothing was changed$/);
    expectUnchanged();
  });

  test('a build without a key verifies nothing, and says so', async () => {
    expect(await attempt({ keys: [] })).toMatchObject({
      exit: 'failed',
      message: expect.stringMatching(/^this rolegate was built without a release key/),
    });
    expect(broker.asked).toEqual([]);
  });
});

test('under a sudo that keeps HOME it changes nothing, and says how', async () => {
  const owner = process.getuid!() || 1234;
  if (process.getuid!() === 0) chownSync(machine.home, owner, owner);
  const root = vi.spyOn(process, 'getuid').mockReturnValue(0);
  const { exit, message } = await attempt({ context: { env: { SUDO_UID: String(owner) } } });
  root.mockRestore();
  expect([exit, message]).toEqual([
    'usage',
    expect.stringContaining(`sudo -H '${file}' update --broker ${broker.url}`),
  ]);
  expect(readdirSync(machine.home)).toEqual(['rolegate']);
  expectUnchanged();
});

describe('what a package manager installed', () => {
  test.each([
    ['opt/homebrew/Cellar/rolegate/0.2.0/bin', 'Homebrew', 'brew upgrade rolegate'],
    ['scoop/apps/rolegate/current', 'Scoop', 'scoop update rolegate'],
    ['lib/node_modules/rolegate/dist', 'npm', 'npm install -g NEW-PACKAGE-FILE'],
  ])('in %s, %s updates', async (folder, manager, command) => {
    const path = join(machine.home, folder);
    mkdirSync(path, { recursive: true });
    const installed = join(path, 'rolegate');
    writeFileSync(installed, old);
    const context = { argv0: [process.execPath, installed] };
    expect(await attempt({ context })).toMatchObject({
      exit: 'failed',
      message: `rolegate 0.3.0 is available, and ${manager} installed this one: run \`${command}\``,
    });
    expect((await attempt({ context, check: true })).said).toContain(`run \`${command}\``);
    expect(readFileSync(installed, 'utf8')).toBe(old);
    expect((await attempt({ context, version: '0.3.0' })).exit).toBe('ok');
  });

  test('the system knows its own files', async () => {
    const env = { PATH: process.env['PATH'] };
    const { stdout } = await attempt({ context: { argv0: ['/usr/bin/env'], env }, check: true, json: true });
    expect(JSON.parse(stdout)).toMatchObject({
      file: '/usr/bin/env',
      command: 'sudo apt-get update && sudo apt-get install --only-upgrade coreutils',
    });
    const programs = join(machine.home, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'rpm'), '#!/bin/sh\n[ "$1 $4" = "-qf /usr/bin/env" ] && printf coreutils\n', {
      mode: 0o755,
    });
    const rpm = await attempt({
      context: { argv0: ['/usr/bin/env'], env: { PATH: programs } },
      check: true,
      json: true,
    });
    expect(JSON.parse(rpm.stdout)).toMatchObject({ command: 'sudo dnf upgrade coreutils' });
  });

  test('a file beside a broker is updated with the broker', async () => {
    writeFileSync(join(machine.home, 'server.js'), '');
    expect((await attempt()).message).toContain('run `git pull && npm run build`');
    expectUnchanged();
  });
});
