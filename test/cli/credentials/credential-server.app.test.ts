// The credentials endpoint, used by real SDKs and by callers that must not get anything from it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { rawRequest } from '../../../emulators/test/aws/support/raw-request.ts';
import { type CredentialServer, startCredentialServer } from '../../../src/cli/credentials/credential-server.ts';
import { systemClock } from '../../../src/clock.ts';
import { runAwsCli } from '../../support/aws-cli.ts';
import { endsWithUs } from '../../support/children.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { boto3Python } from '../../support/parts/parts.ts';
import { roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const run = promisify(execFile);
const minutes = 60_000;
let broker: SmallBroker;
let machine: Machine;
let clock: TestClock;
let server: CredentialServer | undefined;

beforeEach(async () => {
  broker = await startSmallBroker();
  clock = createTestClock(systemClock.now());
  broker.answer.now = clock.now;
  machine = createMachine({ clock });
  signInAt(machine.context, broker.url);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
  await broker.close();
  machine.remove();
});

async function start(): Promise<{ url: string; token: string; file: string }> {
  server = await startCredentialServer(machine.context, { broker: broker.url, roleArn });
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file } = server.environment;
  return { url: url!, token: readFileSync(file!, 'utf8'), file: file! };
}

async function ask({ url, token }: { url: string; token: string }) {
  const response = await fetch(url, { headers: { authorization: token } });
  const body = (await response.json()) as Record<string, string>;
  return { status: response.status, body, id: body['AccessKeyId'] };
}

/** Until what was begun in the background has ended. */
const settled = (count: number) => vi.waitFor(() => expect(broker.asked).toHaveLength(count));

describe('real clients find it', () => {
  // Python with botocore takes long to start on a busy machine.
  test('the AWS SDK for JavaScript, boto3 and the AWS CLI', { timeout: 120_000 }, async () => {
    await start();
    const environment = server!.environment;
    for (const [name, value] of Object.entries({ ...environment, AWS_CONFIG_FILE: '/dev/null', HOME: machine.home })) {
      vi.stubEnv(name, value);
    }
    const found = await defaultProvider()();
    expect([found.accessKeyId, found.sessionToken]).toEqual(['ASIA0000000000000001', 'token1==']);
    expect(found.expiration?.getTime()).toBeGreaterThan(clock.now().getTime() + 59 * minutes);
    const script = `import boto3; c = boto3.Session().get_credentials(); print(c.method, c.access_key, c.token)`;
    const env = { PATH: process.env['PATH'] ?? '', HOME: machine.home, ...environment };
    const [python, cli] = await Promise.all([
      run(boto3Python(), ['-c', script], { env }),
      runAwsCli(['configure', 'list'], environment),
    ]);
    expect(python.stdout.trim()).toBe('container-role ASIA0000000000000001 token1==');
    expect(cli.stdout).toMatch(/access_key\W+\*+0001\W+container-role/);
    expect(broker.asked).toHaveLength(1);
  });

  test('the token is in a file of the person alone, which goes with the server', async () => {
    const { file, url, token } = await start();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await server!.close();
    server = undefined;
    expect(existsSync(file)).toBe(false);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('it refuses every other caller', () => {
  const cases: [
    string,
    number,
    (own: string, token: string) => Record<string, string>,
    { method?: string; path?: string }?,
  ][] = [
    ['without a token', 401, () => ({}), {}],
    [
      'with another token',
      401,
      (_own, token) => ({ authorization: token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }),
    ],
    ['with more than the token', 401, (_own, token) => ({ authorization: `${token}x` })],
    ['under another name that leads here', 403, (_own, token) => ({ authorization: token, host: 'rebound.example' })],

    ['for a page', 403, (_own, token) => ({ authorization: token, origin: 'https://evil.example' })],
    ['for a page without an origin', 403, (_own, token) => ({ authorization: token, origin: 'null' })],
    ['for a link on a page', 403, (_own, token) => ({ authorization: token, referer: 'https://evil.example/' })],
    ['for a browser', 403, (_own, token) => ({ authorization: token, 'sec-fetch-site': 'none' })],
    ['by POST', 405, (_own, token) => ({ authorization: token }), { method: 'POST' }],
    ['by OPTIONS', 405, (_own, token) => ({ authorization: token }), { method: 'OPTIONS' }],
    ['at another path', 404, (_own, token) => ({ authorization: token }), { path: '/' }],
    ['at another path below', 404, (_own, token) => ({ authorization: token }), { path: '/credentials/x' }],
  ];

  test.each(cases)('%s', async (_name, status, headersOf, how = {}) => {
    const { url, token } = await start();
    const { host, origin, pathname } = new URL(url);
    const headers = headersOf(host, token);
    const answer = await rawRequest(origin, { path: pathname, ...how, headers: { host, ...headers } });
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/ASIA|secret|token1|\w{43}/);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect((await ask({ url, token })).status).toBe(200);
  });
});

describe('it answers', () => {
  test('under localhost with its port, and to a bearer token', async () => {
    const { url, token } = await start();
    const { port, origin, pathname } = new URL(url);
    const get = (headers: Record<string, string>) => rawRequest(origin, { path: pathname, headers });
    expect((await get({ host: `localhost:${port}`, authorization: token })).status).toBe(200);
    expect((await get({ host: `127.0.0.1:${port}`, authorization: `Bearer ${token}` })).status).toBe(200);
    for (const host of ['localhost', '127.0.0.1', `localhost.evil.example:${port}`]) {
      expect((await get({ host, authorization: token })).status).toBe(403);
    }
  });

  test('for several roles, each at the path of its account and name', async () => {
    const other = 'arn:aws:iam::111122223333:role/team/Admin';
    const request = { broker: broker.url, roleArn, others: [{ broker: broker.url, roleArn: other }] };
    server = await startCredentialServer(machine.context, request);
    const { token } = server;
    const url = server.environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']!;
    expect(server.addresses.get(other)).toBe(`${url}/111122223333/team/Admin`);
    const first = await ask({ url, token });
    expect((await ask({ url: `${url}/444455556666/Developer`, token })).id).toBe(first.id);
    expect((await ask({ url: server.addresses.get(other)!, token })).id).not.toBe(first.id);
    expect((await ask({ url: `${url}/111122223333/Admin`, token })).status).toBe(404);
    expect(broker.asked).toEqual([{ roleArn }, { roleArn: other }]);
  });
});

describe('it renews before anybody has to wait', () => {
  test('from 20 minutes before the expiry; callers get the cached credentials meanwhile', async () => {
    const endpoint = await start();
    clock.advance(39 * minutes);
    expect((await ask(endpoint)).id).toBe('ASIA0000000000000001');
    expect(broker.asked).toHaveLength(1);
    clock.advance(2 * minutes);
    expect((await ask(endpoint)).id).toBe('ASIA0000000000000001');
    await settled(2);
    await vi.waitFor(async () => expect((await ask(endpoint)).id).toBe('ASIA0000000000000002'));
    expect(broker.asked).toHaveLength(2);
  });

  test('unasked', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await start();
    clock.advance(41 * minutes);
    vi.advanceTimersByTime(30_000);
    await settled(2);
  });

  test('short sessions in their last third', async () => {
    broker.answer.durationSeconds = 900;
    const endpoint = await start();
    clock.advance(9 * minutes);
    await ask(endpoint);
    expect(broker.asked).toHaveLength(1);
    clock.advance(2 * minutes);
    await ask(endpoint);
    await settled(2);
  });

  test('once for all who ask at the same time after the end', async () => {
    const endpoint = await start();
    clock.advance(61 * minutes);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(endpoint)));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(['ASIA0000000000000002']));
    expect(broker.asked).toHaveLength(2);
  });

  test('when sessions have become shorter than the remaining time', async () => {
    const endpoint = await start();
    broker.answer.durationSeconds = 900;
    clock.advance(41 * minutes);
    await ask(endpoint);
    await vi.waitFor(async () => expect((await ask(endpoint)).id).toBe('ASIA0000000000000002'));
    clock.advance(14 * minutes);
    await vi.waitFor(async () => expect((await ask(endpoint)).id).toBe('ASIA0000000000000003'));
    expect(broker.asked).toHaveLength(3);
  });

  test('and goes on with what it has while the broker refuses, then says why', async () => {
    const endpoint = await start();
    broker.answer.status = 403;
    clock.advance(45 * minutes);
    expect((await ask(endpoint)).status).toBe(200);
    await settled(2);
    await vi.waitFor(() => expect(machine.takeStderr()).toContain('Not yours'));
    clock.advance(16 * minutes);
    const { status, body } = await ask(endpoint);
    expect([status, body['code'], body['message']]).toEqual([503, 'denied', expect.stringContaining('Not yours')]);
    broker.answer.status = 200;
    expect((await ask(endpoint)).status).toBe(200);
  });
});

test('a port that is taken is named', async () => {
  const { url } = await start();
  const port = Number(new URL(url).port);
  const second = startCredentialServer(machine.context, { broker: broker.url, roleArn, port });
  await expect(second).rejects.toMatchObject({ exit: 'usage', message: `port ${port} is taken: give another --port` });
});

describe('as a command', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await buildBundle();
  });
  afterAll(() => bundle.remove());
  const options = () => ['--broker', broker.url, '--role', roleArn];
  const env = () => ({ PATH: process.env['PATH'] ?? '', HOME: machine.home });

  test('serve prints what leads to it, warns of a default profile, and ends when told to', async () => {
    mkdirSync(join(machine.home, '.aws'));
    writeFileSync(join(machine.home, '.aws/credentials'), '[default]\naws_access_key_id = AKIA\n');
    const child = endsWithUs(spawn(process.execPath, [bundle.file, 'serve', '--json', ...options()], { env: env() }));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { environment } = JSON.parse(line.toString()) as { environment: Record<string, string> };
    const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']!;
    const url = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']!;
    expect((await ask({ url, token: readFileSync(file, 'utf8') })).id).toBe('ASIA0000000000000001');
    await vi.waitFor(() => expect(said).toContain('until interrupted'));
    expect(said).toContain('aws_access_key_id, which SDKs take before');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(existsSync(file)).toBe(false);
  });

  test('exec --server gives the program the endpoint and no keys', async () => {
    const script = `
      const { env } = process;
      const token = require('fs').readFileSync(env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, 'utf8');
      fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, { headers: { authorization: token } })
        .then((answer) => answer.json())
        .then(({ AccessKeyId }) => console.log(AccessKeyId, env.AWS_ACCESS_KEY_ID, env.AWS_REGION))
        .then(() => console.log(env.AWS_CONTAINER_AUTHORIZATION_TOKEN === token));`;
    const args = ['exec', '--server', '--region', 'eu-west-1', ...options(), '--', process.execPath, '-e', script];
    const { stdout } = await run(process.execPath, [bundle.file, ...args], {
      env: { ...env(), AWS_ACCESS_KEY_ID: 'AKIA' },
    });
    expect(stdout.trim()).toBe('ASIA0000000000000001 undefined eu-west-1\ntrue');
  });
});
