import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stateDirectory } from '../../../src/cli/machine/paths.ts';
import { createBrokerClient } from '../../../src/cli/sign-in/broker-client.ts';
import { readSignIn, writeSignIn } from '../../../src/cli/sign-in/tokens.ts';
import { me } from '../../../src/wire/api.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { browse, run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let server: StandIn;
let machine: Machine;
beforeAll(async () => {
  server = await startStandIn();
});
afterAll(() => server.stop());
beforeEach(async () => {
  Object.assign(server.behaviour, { offsetMs: 0, me: undefined, losesNextRefresh: false });
  machine = createMachine();
  const login = run(machine, 'login', '--broker', server.origin);
  await browse(login);
  await login.ended;
  server.requests.length = 0;
});
afterEach(() => machine.remove());

const client = () => createBrokerClient(machine.context, server.origin);
const whoAmI = () => client().get('/api/v1/me', me);
const refreshes = () => server.requests.filter(({ line }) => line === 'POST /oauth/token').length;
const kept = () => readSignIn(machine.context, server.origin)!;
const file = () => {
  const folder = join(stateDirectory(machine.context), `http___127.0.0.1_${server.port}`);
  return { folder, path: join(folder, 'sign-in.json') };
};

function expireAccessToken(): void {
  writeSignIn(machine.context, { ...kept(), accessTokenExpiresAt: '2020-01-01T00:00:00.000Z' });
}

describe('the access token', () => {
  test('is used while it lasts', async () => {
    await whoAmI();
    expect(refreshes()).toBe(0);
  });

  test('is renewed once, however many want it: a refresh token is for one use [RFC 9700 §4.14.2]', async () => {
    expireAccessToken();
    await Promise.all(Array.from({ length: 20 }, whoAmI));
    expect(refreshes()).toBe(1);
    expect(Date.parse(kept().accessTokenExpiresAt)).toBeGreaterThan(Date.now());
    expect(kept().person?.user).toBe('alice@corp.example');
  });

  test('that the broker does not take any more is renewed as well', async () => {
    server.forgetAccessTokens();
    expect((await whoAmI()).user).toBe('alice@corp.example');
    expect(refreshes()).toBe(1);
  });

  test('stays private when it is renewed', async () => {
    expireAccessToken();
    chmodSync(file().path, 0o644);
    await whoAmI();
    expect(statSync(file().path).mode & 0o777).toBe(0o600);
    expect(readdirSync(file().folder)).toEqual(['sign-in.json']);
  });
});

describe('a sign-in that has ended', () => {
  test('revoked: says so with the command to type, and forgets the tokens', async () => {
    server.grants.at(-1)!.isEnded = true;
    await expect(whoAmI()).rejects.toMatchObject({
      exit: 'login',
      message: `your sign-in at 127.0.0.1:${server.port} is no longer valid: run \`rolegate login --broker ${server.origin}\``,
    });
    expect(kept()).toBeUndefined();
    await expect(whoAmI()).rejects.toMatchObject({ exit: 'login', message: expect.stringContaining('not signed in') });
  });

  test('after a refresh whose answer was lost: one error of the network, then the end', async () => {
    expireAccessToken();
    server.behaviour.losesNextRefresh = true;
    await expect(whoAmI()).rejects.toMatchObject({ exit: 'network' });
    expect(kept()).toBeDefined();
    await expect(whoAmI()).rejects.toMatchObject({ exit: 'login' });
  });

  test.each([
    ['no JSON', '{"broker": '],
    ['another form', '{"version": 2}'],
    ['nothing', ''],
    ['a list', '[]'],
  ])('a file with %s is no sign-in, and the next sign-in writes over it', async (_name, text) => {
    writeFileSync(file().path, text);
    await expect(whoAmI()).rejects.toMatchObject({ exit: 'login' });
    const login = run(machine, 'login', '--broker', server.origin);
    await browse(login);
    expect((await login.ended).exit).toBe('ok');
  });

  test("another broker's file is not this one's", () => {
    mkdirSync(file().folder, { recursive: true });
    writeFileSync(file().path, JSON.stringify({ ...kept(), broker: 'https://other.example' }));
    expect(kept()).toBeUndefined();
  });
});

describe('what a refusal means', () => {
  const refused = (status: number, body: unknown) => {
    server.behaviour.me = { status, body };
    return whoAmI();
  };

  test.each([
    [
      403,
      { code: 'role_not_granted', title: 'Not yours', detail: 'No rule.', requestId: 'r-1' },
      'denied',
      /Not yours: No rule\. \(request r-1\)$/,
    ],
    [400, { code: 'bad_request', title: 'Wrong', detail: 'So it is.' }, 'failed', /Wrong: So it is\.$/],
    [503, { code: 'store_unavailable', title: 'Later', detail: 'Try again.' }, 'network', /Later/],
    [502, '<html>a proxy</html>', 'network', /status 502$/],
    [403, { code: 'x', title: '\u001b]0;title\u0007', detail: 'd' }, 'denied', /^[^\p{Cc}]*$/u],
  ])('%i %j', async (status, body, exit, message) => {
    await expect(refused(status, body)).rejects.toMatchObject({ exit, message: expect.stringMatching(message) });
  });

  test('a step-up names the command for the role that was asked for', async () => {
    const roleArn = 'arn:aws:iam::111122223333:role/Admin';
    server.behaviour.me = { status: 403, body: { code: 'step_up_required', title: 't', detail: 'd' } };
    await expect(client().get('/api/v1/me', me)).rejects.toMatchObject({
      exit: 'login',
      message: expect.stringContaining('`rolegate login --step-up ROLE --broker'),
    });
    await expect(client().post('/api/v1/credentials', { roleArn }, z.unknown())).rejects.toMatchObject({
      exit: 'login',
      message: expect.stringContaining(`\`rolegate login --step-up ${roleArn} --broker`),
    });
  });

  test('a newer broker may say more, and must not say less', async () => {
    const person = { user: 'alice', displayName: 'Alice', identityProvider: 'adfs', expiresAt: '2030-01-01T00:00:00Z' };
    server.behaviour.me = { status: 200, body: { ...person, shoeSize: 42 } };
    expect(await whoAmI()).toEqual(person);
    await expect(refused(200, { user: 'alice', shoeSize: 42 })).rejects.toMatchObject({ exit: 'failed' });
  });
});

describe('the clock', () => {
  test.each([
    [12, /12 minutes behind 127/],
    [-12, /12 minutes ahead of 127/],
  ])('%i minutes off is named as such', async (minutes, message) => {
    server.behaviour.offsetMs = minutes * 60_000;
    await expect(whoAmI()).rejects.toMatchObject({ exit: 'clock', message: expect.stringMatching(message) });
    const login = run(createMachine(), 'login', '--broker', server.origin);
    expect((await login.ended).exit).toBe('clock');
  });

  test('costs no sign-in: what a refresh gave is kept', async () => {
    expireAccessToken();
    server.behaviour.offsetMs = -12 * 60_000;
    await expect(whoAmI()).rejects.toMatchObject({ exit: 'clock' });
    server.behaviour.offsetMs = 0;
    expireAccessToken();
    expect((await whoAmI()).user).toBe('alice@corp.example');
  });

  test('a few minutes are nothing', async () => {
    server.behaviour.offsetMs = 4 * 60_000;
    expect((await whoAmI()).user).toBe('alice@corp.example');
  });
});
