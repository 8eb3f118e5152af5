import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { credentialProcessJson, removeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { obtainCredentials } from '../../../src/cli/credentials/credentials.ts';
import { brokerFolder, cacheDirectory } from '../../../src/cli/machine/paths.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const minute = 60_000;
let broker: SmallBroker;
let machine: Machine;
let clock: TestClock;
beforeAll(async () => {
  broker = await startSmallBroker();
});
afterAll(() => broker.close());
beforeEach(() => {
  clock = createTestClock();
  machine = createMachine({ clock });
  Object.assign(broker.answer, { status: 200, durationSeconds: 3600, delayMs: 0, now: clock.now });
  broker.asked.length = 0;
  signInAt(machine.context, broker.url);
});
afterEach(() => machine.remove());

const obtain = (wanted: { durationSeconds?: number; policy?: string; minTtlSeconds?: number } = {}) =>
  obtainCredentials(machine.context, { broker: broker.url, roleArn, ...wanted });
const folder = () => join(cacheDirectory(machine.context), brokerFolder(broker.url), 'credentials');

describe('obtainCredentials', () => {
  test('asks once, and answers from a file for its owner alone until a quarter of an hour remains', async () => {
    const first = await obtain();
    clock.advance(44 * minute);
    expect(await obtain()).toEqual(first);
    expect(broker.asked).toEqual([{ roleArn }]);
    const [file] = readdirSync(folder());
    expect(file).toMatch(/^444455556666-Developer-[0-9a-f]{8}\.json$/);
    expect(statSync(join(folder(), file!)).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    clock.advance(2 * minute);
    expect(await obtain()).not.toEqual(first);
    expect(broker.asked).toHaveLength(2);
  });

  test('renews a short session when a quarter of it remains', async () => {
    broker.answer.durationSeconds = 900;
    await obtain();
    clock.advance(11 * minute);
    await obtain();
    expect(broker.asked).toHaveLength(1);
    clock.advance(minute);
    await obtain();
    expect(broker.asked).toHaveLength(2);
  });

  test('keeps other durations and other policies apart', async () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    const wishes = [{}, { durationSeconds: 900 }, { policy }, { durationSeconds: 900, policy }];
    for (const wish of [...wishes, ...wishes]) await obtain(wish);
    expect(broker.asked).toEqual(wishes.map((wish) => ({ roleArn, ...wish })));
  });

  test('of forty at once, one asks', async () => {
    broker.answer.delayMs = 20;
    const answers = await Promise.all(Array.from({ length: 40 }, () => obtain()));
    expect(new Set(answers.map((each) => each.AccessKeyId)).size).toBe(1);
    expect(broker.asked).toHaveLength(1);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['of another role', (text: string) => text.replaceAll('role/Developer', 'role/Other')],
    ['without a secret', (text: string) => text.replace('SecretAccessKey', 'Secret')],
    ['without an end', (text: string) => text.replace(/"Expiration":"[^"]+"/, '"Expiration":"never"')],
    ['null', () => 'null'],
  ])('takes a file that is %s for none', async (_, spoil) => {
    await obtain();
    const file = join(folder(), readdirSync(folder())[0]!);
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    await obtain();
    expect(broker.asked).toHaveLength(2);
    await obtain();
    expect(broker.asked).toHaveLength(2);
  });

  test('renews credentials that expire too early, and says when a role allows less than requested', async () => {
    await obtain();
    clock.advance(20 * minute);
    await obtain({ minTtlSeconds: 30 * 60 });
    expect(broker.asked).toHaveLength(1);
    await obtain({ minTtlSeconds: 50 * 60 });
    expect(broker.asked).toHaveLength(2);
    const message = `${roleArn} allows at most 60 min, and 90 min were requested`;
    await expect(obtain({ minTtlSeconds: 90 * 60 })).rejects.toMatchObject({ exit: 'failed', message });
  });

  test("AWS's refusal of the broker is not an unreachable broker", async () => {
    const detail = 'AWS did not accept Rolegate in this account.';
    Object.assign(broker.answer, { status: 502, problem: { code: 'sts_refused', title: 'Refused', detail } });
    await expect(obtain()).rejects.toMatchObject({ exit: 'failed', message: expect.stringContaining(detail) });
  });

  test('a broker in trouble does not matter while they last, and is asked again a minute later', async () => {
    const first = await obtain();
    clock.advance(50 * minute);
    Object.assign(broker.answer, { status: 503, problem: { code: 'x', title: 'Down', detail: 'Come back.' } });
    for (let call = 0; call < 3; call++) expect(await obtain()).toEqual(first);
    expect(broker.asked).toHaveLength(2);
    expect(machine.takeStderr().trim().split('\n')).toHaveLength(3);
    clock.advance(2 * minute);
    expect(await obtain()).toEqual(first);
    expect(broker.asked).toHaveLength(3);
    broker.answer.status = 200;
    clock.advance(2 * minute);
    expect(await obtain()).not.toEqual(first);
    expect(machine.takeStderr()).toMatch(/^rolegate: 127\.0\.0\.1:\d+: Down: Come back\.; using credentials .*\n$/);
  });

  test('a broker in trouble is said when nothing is left, to those who waited as well', async () => {
    await obtain();
    clock.advance(60 * minute);
    Object.assign(broker.answer, { status: 503, delayMs: 20 });
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => obtain()));
    expect(calls.every((call) => call.status === 'rejected' && call.reason.exit === 'network')).toBe(true);
    expect(broker.asked).toHaveLength(2);
    clock.advance(1);
    await expect(obtain()).rejects.toMatchObject({ exit: 'network' });
    expect(broker.asked).toHaveLength(3);
  });

  test('a role that is taken away, or a sign-in that has ended, ends with the next renewal', async () => {
    const first = await obtain();
    signInAt(machine.context, broker.url, 'revoked');
    expect(await obtain()).toEqual(first);
    clock.advance(50 * minute);
    await expect(obtain()).rejects.toMatchObject({ exit: 'login' });
    signInAt(machine.context, broker.url);
    broker.answer.status = 403;
    await expect(obtain()).rejects.toMatchObject({ exit: 'denied' });
  });

  test('without a sign-in, says which command makes one', async () => {
    const other = createMachine({ clock });
    const wanted = { broker: broker.url, roleArn };
    const message = new RegExp(`^you are not signed in at .*: run \`rolegate login --broker ${broker.url}\`$`);
    await expect(obtainCredentials(other.context, wanted)).rejects.toMatchObject({
      exit: 'login',
      message: expect.stringMatching(message),
    });
    expect(broker.asked).toEqual([]);
    other.remove();
  });

  test('forgets them when the sign-in ends', async () => {
    await obtain();
    removeCached(machine.context, broker.url);
    await obtain();
    expect(broker.asked).toHaveLength(2);
  });
});

test('the document of credential_process has whole seconds', async () => {
  const credentials = await obtain();
  const document = JSON.parse(credentialProcessJson({ ...credentials, Expiration: '2026-01-02T03:04:05.678Z' }));
  expect(document).toEqual({
    Version: 1,
    AccessKeyId: 'ASIA0000000000000001',
    SecretAccessKey: 'secret/secret+secret',
    SessionToken: 'token1==',
    Expiration: '2026-01-02T03:04:05Z',
  });
});
