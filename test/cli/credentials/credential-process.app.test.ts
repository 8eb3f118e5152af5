// `rolegate credential-process` as one file, in separate processes.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type CacheKey,
  credentialLock,
  readCached,
  writeCached,
} from '../../../src/cli/credentials/credential-cache.ts';
import { withLock } from '../../../src/cli/machine/lock.ts';
import { brokerFolder, cacheDirectory } from '../../../src/cli/machine/paths.ts';
import { writeSettings } from '../../../src/cli/machine/settings.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { cacheFor, roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const recorder = fileURLToPath(new URL('../support/record-modules.cjs', import.meta.url));
let bundle: Bundle;
let broker: SmallBroker;
let machine: Machine;
beforeAll(async () => {
  [bundle, broker] = await Promise.all([buildBundle(), startSmallBroker()]);
});
afterAll(async () => {
  bundle.remove();
  await broker.close();
});
beforeEach(() => {
  machine = createMachine();
  broker.asked.length = 0;
  broker.answer.status = 200;
});
afterEach(() => machine.remove());

/** Fills the cache with credentials that are valid for so many more minutes. */
function cache(minutes: number, key: Partial<CacheKey> = {}): Credentials {
  const Expiration = new Date(Date.now() + minutes * 60_000).toISOString();
  const secrets = { AccessKeyId: 'ASIACACHED', SecretAccessKey: 'cached', SessionToken: 'cached==' };
  const role = { RoleArn: roleArn, AssumedRoleArn: roleArn, DurationSeconds: 3600, DurationLimitedBy: 'rule' as const };
  const credentials = { Version: 1 as const, ...secrets, Expiration, ...role };
  const wanted = { broker: broker.url, roleArn, ...key };
  cacheFor(machine.context, wanted.broker);
  writeCached(machine.context, wanted, credentials);
  return credentials;
}

const run = (args: readonly string[], env?: Readonly<Record<string, string>>) =>
  bundle.run(machine.home, ['credential-process', ...args], env);
const named = () => ['--role', roleArn, '--broker', broker.url];
const ofCache = { code: 0, stderr: '', stdout: expect.stringContaining('"ASIACACHED"') };

describe('with credentials in the cache', () => {
  test('prints the document and a line end, and nothing else', async () => {
    const { Expiration } = cache(20);
    const { stdout, ...rest } = await run(named());
    expect(rest).toEqual({ code: 0, signal: null, stderr: '' });
    const whole = Expiration.replace(/\.\d+Z/, 'Z');
    const secrets = '"AccessKeyId":"ASIACACHED","SecretAccessKey":"cached","SessionToken":"cached=="';
    expect(stdout).toBe(`{"Version":1,${secrets},"Expiration":"${whole}"}\n`);
  });

  test('loads no module but those of the file system', async () => {
    cache(20);
    const [mine, bare] = ['mine', 'bare'].map((name) => join(machine.home, name)) as [string, string];
    const nothing = join(machine.home, 'nothing.cjs');
    writeFileSync(nothing, '');
    const record = (file: string) => ({ NODE_OPTIONS: `--require ${recorder}`, MODULES: file });
    await run(named(), record(mine));
    await bundle.runFile(nothing, machine.home, record(bare));
    const known = new Set(readFileSync(bare, 'utf8').split('\n'));
    const more = readFileSync(mine, 'utf8')
      .split('\n')
      .filter((name) => !known.has(name));
    expect(more).toEqual([]);
  });

  test('with a second role too', async () => {
    const second = 'arn:aws:iam::333344445555:role/Deploy';
    cache(20, { secondRole: { roleArn: second, externalId: 'x1' } });
    const file = join(machine.home, 'modules');
    const words = [...named(), '--then', second, '--external-id=x1'];
    expect(await run(words, { NODE_OPTIONS: `--require ${recorder}`, MODULES: file })).toMatchObject(ofCache);
    expect(readFileSync(file, 'utf8')).not.toMatch(/^NativeModule (http|crypto|zlib)$/m);
  });

  test.each([
    ['--version'],
    ['--help'],
    ['status', '--broker', 'https://aws.corp.example'],
    ['complete', '--', 'exec', '--role', 'pay'],
    ['shell-init', 'bash'],
  ])('%s %s loads no network, cryptography or terminals', async (...args) => {
    const file = join(machine.home, 'modules');
    await bundle.run(machine.home, args, { NODE_OPTIONS: `--require ${recorder}`, MODULES: file });
    const loaded = readFileSync(file, 'utf8').split('\n');
    expect(loaded.length).toBeGreaterThan(50);
    const costly = /^NativeModule (http|https|net|tls|crypto|dns|child_process|tty|readline)$/;
    expect(loaded.filter((name) => costly.test(name))).toEqual([]);
  });

  test('has only a few kilobytes to parse before the answer', () => {
    const code = readFileSync(bundle.file, 'utf8')
      .replace(/^\/\*[\s\S]*?\*\/$/gm, '')
      .replace(/^ *\/\/.*$/gm, '');
    expect(code.trim().length).toBeLessThan(16_000);
    expect(code).not.toContain('commander');
  });

  test('knows the broker as every command does, and the duration in every way to write it', async () => {
    cache(20);
    cache(20, { durationSeconds: 7200 });
    expect(await run(['--role', roleArn], { ROLEGATE_URL: broker.url })).toMatchObject(ofCache);
    expect(await run([`--role=${roleArn}`, '--broker', broker.url, '--duration', '2h', '--login'])).toMatchObject(
      ofCache,
    );
    writeSettings(machine.context, { defaultBroker: broker.url, brokers: {} });
    expect(await run(['--role', roleArn, '--duration=120m'])).toMatchObject(ofCache);
    expect(await run(['--role', roleArn, '--min-ttl', '5m'])).toMatchObject(ofCache);
  });

  test('answers from it while the broker is gone, until it has to be renewed', async () => {
    cache(20);
    signInAt(machine.context, 'http://127.0.0.1:9');
    cache(10, { broker: 'http://127.0.0.1:9' });
    expect(await run(named())).toMatchObject(ofCache);
    const gone = await run(['--role', roleArn, '--broker', 'http://127.0.0.1:9']);
    expect(gone).toMatchObject({
      ...ofCache,
      stderr: expect.stringMatching(/^rolegate: 127\.0\.0\.1:9 .*; using credentials/),
    });
    expect(gone.stderr.trim()).not.toContain('\n');
  });
});

describe('while another process renews', () => {
  test('waits for its answer, or goes on with credentials that are still good', async () => {
    cache(-1);
    let wasAnswered = false;
    const waiting = await withLock(machine.context, credentialLock({ broker: broker.url, roleArn }), 1000, async () => {
      const running = run(named()).finally(() => {
        wasAnswered = true;
      });
      cache(10, { durationSeconds: 3600 });
      await withLock(
        machine.context,
        credentialLock({ broker: broker.url, roleArn, durationSeconds: 3600 }),
        1000,
        async () => {
          expect(await run([...named(), '--duration', '1h'])).toMatchObject(ofCache);
        },
      );
      expect(wasAnswered).toBe(false);
      cache(60);
      return { running };
    });
    expect(await waiting.running).toMatchObject(ofCache);
    expect(broker.asked).toEqual([]);
  });
});

describe('without', () => {
  test('asks the broker, and remembers', async () => {
    signInAt(machine.context, broker.url);
    const [first, second] = [await run(named()), await run(named())];
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ Version: 1, AccessKeyId: 'ASIA0000000000000001' });
    expect(second).toEqual(first);
    expect(broker.asked).toEqual([{ roleArn }]);
  });

  test.each([
    ['a file that is cut off', '{"key":'],
    ['a file of something else', '[]'],
  ])('writes over %s', async (_, text) => {
    signInAt(machine.context, broker.url);
    cache(20);
    const folder = join(cacheDirectory(machine.context), brokerFolder(broker.url), 'credentials');
    writeFileSync(join(folder, readdirSync(folder)[0]!), text);
    expect(await run(named())).toMatchObject({ code: 0, stderr: '' });
    expect(readCached(machine.context, { broker: broker.url, roleArn })?.AccessKeyId).toBe('ASIA0000000000000001');
  });

  test('says in one line what to type when there is no sign-in, or it has expired', async () => {
    const line = (words: string) => ({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^rolegate: .*${words}: run \`rolegate login --broker \\S+\`\n$`)),
    });
    expect(await run(named())).toMatchObject(line('you are not signed in at 127.0.0.1:\\d+'));
    signInAt(machine.context, broker.url, 'revoked');
    expect(await run(named())).toMatchObject(line('your sign-in at 127.0.0.1:\\d+ is no longer valid'));
    expect(await run([...named(), '--login'], { CI: '1' })).toMatchObject(
      line('cannot sign in without a person at a terminal'),
    );
  });

  test('says which requests are refused', async () => {
    signInAt(machine.context, broker.url);
    broker.answer.status = 403;
    const refused = { code: 4, stdout: '', stderr: expect.stringMatching(/^rolegate: .*: Not yours: .*\n$/) };
    expect(await run(named())).toMatchObject(refused);
    expect(await run(['--role', 'payments-dev/Developer', '--broker', broker.url])).toMatchObject({ code: 2 });
    expect(await run([...named(), '--duration', 'long'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run([...named(), '--colour'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('works with a cache folder that cannot be written', async () => {
    signInAt(machine.context, broker.url);
    rmSync(join(machine.home, '.cache/rolegate'), { recursive: true });
    writeFileSync(join(machine.home, '.cache/rolegate'), 'a file, where the folder should be');
    expect(await run(named())).toMatchObject({ code: 0, stdout: expect.stringContaining('"ASIA0000000000000001"') });
  });
});
