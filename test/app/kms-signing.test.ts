// Keys in AWS KMS from the sign-in to credentials: the broker holds no private key, and without KMS it hands nothing out.
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type AwsEmulator, startAws } from '../../emulators/aws/server.ts';
import { verifyAuditLines } from '../../src/audit/chain/verify.ts';
import { linesOf } from '../audit/support/find-problems.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { signIn } from './support/sign-in.ts';

type Raw = Record<string, unknown>;
const account = '111122223333';
const brokerUser = { name: 'broker', accessKeyId: 'AKIAEXAMPLEBROKERKMS', secretAccessKey: 'secret-of-the-broker' };
const ids = { aws: id(1), sp: id(2), audit: id(3) };
const directory = mkdtempSync(join(tmpdir(), 'rolegate-kms-'));
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
let kms: AwsEmulator;
const ends: (() => Promise<void> | void)[] = [];

function id(digit: number): string {
  return `1234abcd-12ab-34cd-56ef-12345678900${digit}`;
}

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', brokerUser.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', brokerUser.secretAccessKey);
  for (const name of ['minting', 'sp-signing', 'stranger'] as const) {
    writeFileSync(join(directory, `${name}.crt`), keyPair(name).cert);
  }
  kms = await startAws({ now: () => new Date(), estate: keysAt('Enabled') });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  kms.faults.clear();
  kms.setEstate(keysAt('Enabled'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await kms.close();
  rmSync(directory, { recursive: true, force: true });
});

function keysAt(state: 'Enabled' | 'Disabled') {
  const statement = { Effect: 'Allow', Action: ['kms:Sign', 'kms:GetPublicKey'], Resource: '*' };
  const policies = [{ Version: '2012-10-17', Statement: [statement] }];
  const kmsKeys = [
    { keyId: ids.aws, alias: 'minting', privateKey: keyPair('minting').key, state },
    { keyId: ids.sp, privateKey: keyPair('sp-signing').key, state },
    { keyId: ids.audit, privateKey: keyPair('stranger').key, state },
  ];
  return { accounts: [{ id: account, name: 'Keys', roles: [], users: [{ ...brokerUser, policies }], kmsKeys }] };
}

async function start(keys: Partial<typeof ids> = {}, withSp = true): Promise<{ demo: TestDemo; browser: HttpBrowser }> {
  const pair = (keyId: string, cert: string) => ({ kms: { keyId, endpoint: kms.url }, cert: join(directory, cert) });
  const demo = await startTestDemo({
    adjust: (config) => {
      const [aws, serviceProvider] = [config['aws'] as Raw, config['serviceProvider'] as Raw];
      const { aws: minting, sp, audit } = { ...ids, ...keys };
      const signing = { kms: { keyId: audit, endpoint: kms.url }, publicKey: join(directory, 'stranger.crt') };
      return {
        ...config,
        aws: { ...aws, signing: pair(minting, 'minting.crt') },
        serviceProvider: { ...serviceProvider, ...(withSp && { signing: pair(sp, 'sp-signing.crt') }) },
        audit: { type: 'stdout', signing },
      };
    },
  });
  const browser = createHttpBrowser();
  ends.push(
    () => demo.close(),
    () => browser.close(),
  );
  return { demo, browser };
}

async function ask({ demo, browser }: { demo: TestDemo; browser: HttpBrowser }) {
  const { status, body } = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  return { status, body: JSON.parse(body) as Raw };
}
const calls = () => kms.events.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com');

test('KMS signs what AWS, the identity provider and the audit trail accept', async () => {
  const from = await start({ aws: 'alias/minting' });
  await signIn(from.browser, from.demo.brokerUrl, 'alice');
  const accessKeyId = expect.stringMatching(/^ASIA/);
  expect(await ask(from)).toMatchObject({ status: 200, body: { AccessKeyId: accessKeyId } });
  const signed = calls().filter(({ eventName }) => eventName === 'Sign');
  const named = signed.map(({ requestParameters }) => requestParameters?.['keyId']);
  expect(named).toEqual(expect.arrayContaining(['alias/minting', ids.sp, ids.audit]));
  const lines = from.demo.audit.map((line) => JSON.stringify(line)).join('\n');
  const keys = [createPublicKey(keyPair('stranger').cert)];
  const { problems, chains } = await verifyAuditLines(() => linesOf(lines), { keys, isPartial: true });
  expect(problems).toEqual([]);
  expect(chains[0]?.signedUpTo).toBeGreaterThan(0);
});

test('without KMS nothing is handed out, and sign-ins that need no signature go on', async () => {
  const from = await start({}, false);
  await signIn(from.browser, from.demo.brokerUrl, 'alice');
  kms.faults.set({ reset: true, scope: 'kms' });
  const away = await ask(from);
  expect(away).toMatchObject({ status: 503, body: { code: 'signing_unavailable' } });
  const other = createHttpBrowser();
  ends.push(() => other.close());
  const page = await signIn(other, from.demo.brokerUrl, 'bob');
  expect(page.status).toBe(200);
  kms.faults.clear();
  expect((await ask(from)).status).toBe(200);
});

test('a key that KMS does not let the broker use is said to be so', async () => {
  const from = await start({}, false);
  await signIn(from.browser, from.demo.brokerUrl, 'alice');
  kms.setEstate(keysAt('Disabled'));
  expect(await ask(from)).toMatchObject({ status: 502, body: { code: 'signing_refused' } });
  expect(from.demo.audit).toContainEqual(
    expect.objectContaining({
      event: 'credentials_refused',
      code: 'signing_refused',
      detail: expect.stringMatching(/AWS KMS, key .*: the key is disabled: enable it/),
    }),
  );
});

test('a broker whose certificate belongs to another key does not start', async () => {
  await expect(start({ aws: ids.sp })).rejects.toThrow(/aws\.signing: AWS KMS: the key .* is not the key of the cert/);
  await expect(start({ aws: id(9) })).rejects.toThrow(/aws\.signing: AWS KMS, key .*: the key does not exist/);
});

test('a broker starts while KMS is away, and signs as soon as it is back', async () => {
  kms.faults.set({ status: 503, scope: 'kms' });
  const from = await start({}, false);
  expect(from.demo.log).toContainEqual(expect.objectContaining({ setting: 'aws.signing' }));
  kms.faults.clear();
  await signIn(from.browser, from.demo.brokerUrl, 'alice');
  expect((await ask(from)).status).toBe(200);
});

test('an alias that comes to name another key cannot make the broker send its signatures', async () => {
  const from = await start({ aws: 'alias/minting' }, false);
  await signIn(from.browser, from.demo.brokerUrl, 'alice');
  const estate = keysAt('Enabled');
  const [first, second, ...rest] = estate.accounts[0]!.kmsKeys;
  const { alias, ...unnamed } = first!;
  const kmsKeys = [unnamed, { ...second!, alias: alias! }, ...rest];
  kms.setEstate({ accounts: [{ ...estate.accounts[0]!, kmsKeys }] });
  expect(await ask(from)).toMatchObject({ status: 502, body: { code: 'signing_refused' } });
});
