// The command line among others: what a broker, a proxy, a web address or another person of the machine may try.
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readCached, writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { exportText } from '../../../src/cli/credentials/export.ts';
import { shells } from '../../../src/cli/credentials/shells.ts';
import { say } from '../../../src/cli/machine/context.ts';
import { isOursAlone, writePrivate } from '../../../src/cli/machine/files.ts';
import { withLock } from '../../../src/cli/machine/lock.ts';
import { configDirectory, stateDirectory } from '../../../src/cli/machine/paths.ts';
import { brokerOrigin, readSettings } from '../../../src/cli/machine/settings.ts';
import { runCommand } from '../../../src/cli/main.ts';
import { createBrokerClient } from '../../../src/cli/sign-in/broker-client.ts';
import { me } from '../../../src/wire/api.ts';
import { cacheFor, signInAt } from '../../cli/support/broker.ts';
import { createMachine, type Machine } from '../../cli/support/machine.ts';

let server: Server;
let proxy: Server;
let origin: string;
let proxyUrl: string;
let machine: Machine;
const passed: (string | undefined)[] = [];
const person = { user: 'alice', displayName: 'Alice', identityProvider: 'adfs', expiresAt: '2030-01-01T00:00:00.000Z' };

const key = { broker: 'https://rolegate.example', roleArn: 'arn:aws:iam::111122223333:role/Developer' };
const stolen = {
  Version: 1,
  AccessKeyId: 'ASIAEVIL',
  SecretAccessKey: 's',
  SessionToken: 't',
  RoleArn: key.roleArn,
  AssumedRoleArn: key.roleArn,
  DurationSeconds: 3600,
  DurationLimitedBy: 'rule',
  Expiration: '2099-01-01T00:00:00Z',
} as const;

const listen = async (made: Server) => {
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  server = createServer((_request, response) => response.end(JSON.stringify(person)));
  proxy = createServer((request, response) => {
    passed.push(request.headers.authorization);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    passed.push(request.url);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  [origin, proxyUrl] = [await listen(server), await listen(proxy)];
});
afterAll(() => {
  for (const each of [server, proxy]) each?.close();
});
beforeEach(() => {
  passed.length = 0;
  machine = createMachine();
});
afterEach(() => machine.remove());

describe('a proxy', () => {
  test.each(['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'])(
    'named by %s never sees the token for a broker on this machine',
    async (name) => {
      const context = { ...machine.context, env: { ...machine.context.env, [name]: proxyUrl } };
      signInAt(context, origin);
      expect(await createBrokerClient(context, origin).get('/api/v1/me', me)).toMatchObject({ user: 'alice' });
      expect(passed).toEqual([]);
    },
  );
});

describe("a broker's address", () => {
  test.each([
    'https://rolegate.example',
    'https://rolegate.example:8443',
    'https://aws_broker.corp.example',
    'https://[2001:db8::1]:8443',
    'https://xn--mnchen-3ya.example',
  ])('%s is one', (address) => {
    expect(brokerOrigin(machine.context, address)).toBe(address);
  });

  // All of them are names to a URL. Some SDKs start credential_process with a shell, and it would run them.
  test.each([
    'https://$(id).evil.example',
    'https://`id`.evil.example',
    'https://a;id;.evil.example',
    "https://a'b.evil.example",
    'https://a"b.evil.example',
    'https://a&b.evil.example',
    'https://a$b.evil.example',
    'https://a*.evil.example',
    'https://a,b.evil.example',
    'https://user@evil.example@good.example;x',
    'http://127.0.0.1.evil.example',
    'http://evil.example',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])('%s is none', (address) => {
    expect(() => brokerOrigin(machine.context, address)).toThrow(expect.objectContaining({ exit: 'usage' }));
  });
});

test('a shell that evaluates `export` gets text and nothing else, whatever a broker sends', () => {
  const sign = fc.constantFrom(...'aZ09+/=_-.:@,\'"`$%\n\r\0;&|<>()^!\\ {}~#*?[]\t\u202e\u00a0é'.split(''));
  const plain = fc.stringMatching(/^[\w+/=.:@,-]{1,20}$/);
  const value = fc.oneof(plain, plain, plain, fc.string({ unit: sign, minLength: 1, maxLength: 6 }));
  const sent = fc.record({ AccessKeyId: value, SecretAccessKey: value, SessionToken: value, Expiration: value });
  fc.assert(
    fc.property(sent, fc.constantFrom(...shells), (values, shell) => {
      const given = { ...stolen, ...values };
      const isPlain = Object.values(values).every((each) => /^[\w+/=.:@,-]+$/.test(each));
      if (shell === 'json')
        return void expect(JSON.parse(exportText(shell, given, undefined))).toMatchObject({
          AccessKeyId: values.AccessKeyId,
        });
      if (!isPlain) return void expect(() => exportText(shell, given, 'eu-west-1')).toThrow(/no credential has/);
      const line =
        /^(?:(?:export|set -gx) \w+[= ]'[\w+/=.:@,-]+';|\$Env:\w+ = '[\w+/=.:@,-]+'|set "\w+=[\w+/=.:@,-]*"|\w+=[\w+/=.:@,-]+|unset \w+;|set -e \w+;|Remove-Item -ErrorAction SilentlyContinue Env:\w+)$/;
      for (const each of exportText(shell, given, 'eu-west-1').split('\n')) expect(each).toMatch(line);
    }),
  );
});

describe('a terminal', () => {
  const hostile = 'a\u001b]0;owned\u0007\u001b[2Jb\rc\u009b31m\u202ed';

  test('gets no control characters, from any source of text', () => {
    say(machine.context, `one ${hostile}\ntwo`);
    const shown = machine.takeStderr();
    expect(shown).toMatch(/^one a.*\ntwo\n$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('gets none with a mistake either', async () => {
    const { code } = await runCommand(machine.context, ['roles', '--broker', `http://${hostile}`]);
    const shown = machine.takeStderr();
    expect([code, shown]).toEqual([2, expect.stringContaining('is not the https address of a broker')]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('another person of the machine', () => {
  const shared = () => {
    const context = { ...machine.context, env: { ...machine.context.env, ROLEGATE_CACHE_HOME: machine.home } };
    cacheFor(context, key.broker);
    writeCached(context, key, stolen);
    expect(readCached(context, key)).toMatchObject({ AccessKeyId: 'ASIAEVIL' });
    const names = readdirSync(machine.home, { recursive: true, encoding: 'utf8' });
    return { context, file: join(machine.home, names.find((name) => name.endsWith('.json')) ?? '') };
  };

  test('may not write the credentials that we hand out', () => {
    const { context, file } = shared();
    chmodSync(file, 0o666);
    expect(readCached(context, key)).toBeUndefined();
  });

  test('may not write them by the rights of a group, nor the folder in which they are', () => {
    const { context, file } = shared();
    const problems: string[] = [];
    const told = { ...context, onIgnoredFile: (problem: string) => problems.push(problem) };
    for (const [path, mode] of [
      [file, 0o620],
      [dirname(file), 0o770],
      [dirname(file), 0o707],
    ] as const) {
      const before = statSync(path);
      chmodSync(path, mode);
      // The group of another user: not the private group of the owner.
      chownSync(path, before.uid, 65_534);
      expect([path, mode, readCached(told, key)]).toEqual([path, mode, undefined]);
      expect(problems.splice(0)).toContain(`${path} is not used, as others can write it: run \`chmod go-w '${path}'\``);
      chmodSync(path, before.mode);
      expect(readCached(told, key)).toMatchObject({ AccessKeyId: 'ASIAEVIL' });
    }
  });

  test('is not given a place for tokens, credentials or locks', async () => {
    const folder = join(machine.home, 'shared');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    expect(() => writePrivate(join(folder, 'x'), 'secret')).toThrow(/others can write it: run `chmod go-w '/);
    expect(readdirSync(folder)).toEqual([]);
    const run = join(stateDirectory(machine.context), 'run');
    mkdirSync(run, { recursive: true });
    chmodSync(run, 0o777);
    await expect(withLock(machine.context, 'x', 1000, () => Promise.resolve())).rejects.toMatchObject({
      message: expect.stringContaining(`chmod go-w '${run}'`),
    });
  });

  test('makes the command say which file it leaves alone, and what to type', async () => {
    const file = join(configDirectory(machine.context), 'config.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ defaultBroker: 'https://evil.example' }));
    chmodSync(file, 0o666);
    expect(await runCommand(machine.context, ['status'])).toMatchObject({ code: 2 });
    expect(machine.takeStderr()).toContain(
      `rolegate: ${file} is not used, as others can write it: run \`chmod go-w '${file}'\`\n`,
    );
  });

  // Only root can give a file away, so owners are told here and not made.
  test.each([
    ['our own', 1000, 0o100600, true],
    ['root’s, as an administrator put it there', 0, 0o100644, true],
    ['another person’s', 1001, 0o100600, false],
    ['our own that everybody may write', 1000, 0o100602, false],
    ['root’s that everybody may write', 0, 0o100666, false],
    ['our own that our private group may write', 1000, 0o100664, true],
    ['our own that a shared group may write', 1000, 0o100664, false, 100],
    ['our own that a group with our number may write, which has members', 1000, 0o100664, false, 1000, false],
  ])('may not own them: a file of %s', (_, uid, mode, isTrusted, gid = 1000, isPrivate = true) => {
    expect(isOursAlone({ uid: 1000, gid: 1000 }, { uid, gid, mode }, () => isPrivate)).toBe(isTrusted);
  });

  test('may not name our broker', () => {
    const file = join(configDirectory(machine.context), 'config.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ defaultBroker: 'https://evil.example' }));
    chmodSync(file, 0o644);
    expect(readSettings(machine.context).defaultBroker).toBe('https://evil.example');
    chmodSync(file, 0o646);
    expect(readSettings(machine.context).defaultBroker).toBeUndefined();
  });
});
