// `rolegate-server sessions` beside two running processes: it lists and ends sessions of browsers and command lines, and with
// them the stored responses of the mode forward.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type AwsEmulator, type Estate, startAws } from '../../emulators/aws/server.ts';
import { estate as companyEstate } from '../../examples/demo/company.ts';
import { addSessions } from '../../src/admin/commands/sessions.ts';
import { storedResponseShape } from '../../src/broker/credentials/idp-response.ts';
import { systemClock } from '../../src/clock.ts';
import { createLogger } from '../../src/log.ts';
import { systemRandom } from '../../src/random.ts';
import { createOneTimeStore } from '../../src/store/one-time.ts';
import { cliClientId } from '../../src/wire/oauth.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { createSessionRecords, createStorage, type Storage } from '../../src/wiring/stores.ts';
import { runCommand } from '../admin/support.ts';
import type { HttpBrowser } from '../support/http-browser/http-browser.ts';
import { allowedCode, bearerStatus, tokens } from './support/cli-tokens.ts';
import { createLineCollector } from './support/lines.ts';
import { type LiveEstate, type Sections, startLiveEstate } from './support/live-estate.ts';

const account = '444455556666';
const forwarded = `arn:aws:iam::${account}:role/Forwarded`;
const provider = `arn:aws:iam::${account}:saml-provider/corp-adfs`;
const saml = (name: string) => `https://aws.amazon.com/SAML/Attributes/${name}`;
let estate: LiveEstate;
let aws: AwsEmulator;
/** What everyone has who knows the secret of the processes and has all of Redis. */
let storage: Storage;

beforeAll(async () => {
  const grant = { accounts: ['payments-dev'], role: 'Forwarded', mode: 'forward' };
  const rule = { name: 'forwarded', when: { group: 'CORP\\Domain Users' }, grant };
  estate = await startLiveEstate(inject('redisUrl'), (sections) => ({
    ...sections,
    aws: { ...(sections['aws'] as Sections), forward: { provider: 'corp-adfs' } },
    rules: [...(sections['rules'] as Sections[]), rule],
  }));
  const { adfs, awsPort, config } = estate;
  const { entityId, signing } = config.serviceProvider;
  adfs.setRelyingParties([
    {
      ...{ entityId, acsUrl: config.acsUrl, signingCertificates: [signing!.certificate] },
      additionalAudiences: ['urn:amazon:webservices'],
      claimRules: ({ username }) => ({
        [saml('Role')]: [`${forwarded},${provider}`],
        [saml('RoleSessionName')]: [username],
      }),
    },
  ]);
  aws = await startAws({ port: awsPort, now: systemClock.now, estate: withForwarded() });
  const log = createLogger('error', createLineCollector().stream);
  storage = createStorage(config, { clock: systemClock, random: systemRandom, log });
});
beforeEach(async () => {
  await sessions('end', '--all', '--yes');
});
afterEach(() => estate?.closeBrowsers());
afterAll(async () => {
  await Promise.all([storage?.keyValue.close(), aws?.close(), estate?.close()]);
});

/** The identity provider's own metadata is in IAM, and the role asks for the broker's address as Recipient. */
function withForwarded(): Estate {
  const company = companyEstate(publishMetadata(estate.config).aws);
  const trust = {
    Effect: 'Allow',
    Principal: { Federated: provider },
    Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'],
    Condition: { StringEquals: { 'SAML:aud': estate.config.acsUrl } },
  };
  const role = { name: 'Forwarded', trustPolicy: { Version: '2012-10-17', Statement: [trust] } };
  const added = (each: Estate['accounts'][number]) => ({
    ...each,
    samlProviders: { ...each.samlProviders, 'corp-adfs': estate.adfs.metadata() },
    roles: [...each.roles, role],
  });
  return { ...company, accounts: company.accounts.map((each) => (each.id === account ? added(each) : each)) };
}

/** Within this process, on the store and the audit trail of the others. @throws what the command throws */
async function sessions(...args: string[]): Promise<Sections> {
  const { stdout } = await runCommand(addSessions, ['sessions', ...args, '--json'], async () => estate.config);
  return JSON.parse(stdout);
}

/** As an operator starts it. */
function program(...args: string[]): Promise<{ stdout: string }> {
  const words = ['--import', 'tsx', 'src/server.ts', 'sessions', ...args, '--json', '--config', estate.file];
  return promisify(execFile)(process.execPath, words, { env: { ...process.env, ...estate.env } });
}

async function commandLineOf(user: string): Promise<string> {
  const { brokerUrl } = estate;
  const body = new URLSearchParams({ client_id: cliClientId, ...(await allowedCode(brokerUrl, user)) });
  const answer = await fetch(`${brokerUrl}/oauth/token`, { method: 'POST', body });
  return tokens.parse(await answer.json()).access_token;
}

/** Of the browser and of the command line, in each process. */
async function statusesOf(browser: HttpBrowser, token: string): Promise<number[]> {
  const { balancer, brokerUrl, processes } = estate;
  const statuses: number[] = [];
  for (const { port } of processes) {
    await balancer.sendTo(port);
    statuses.push((await browser.get(`${brokerUrl}/api/v1/me`)).status, await bearerStatus(brokerUrl, token));
  }
  return statuses;
}

/** Through the process at hand, as the person gets it. */
async function forwardedStatus(browser: HttpBrowser): Promise<number> {
  const { brokerUrl } = estate;
  const asked = { roleArn: forwarded };
  return (await browser.json('POST', `${brokerUrl}/api/v1/credentials`, asked, { origin: brokerUrl })).status;
}

/** With a copy of the cookie: the response, or undefined if nothing leads to it any more. */
async function responseOf(cookies: Readonly<Record<string, string>>): Promise<string | undefined> {
  const records = createSessionRecords(storage).sessions;
  const responses = createOneTimeStore('idp-response', storedResponseShape, storage, true);
  for (const value of Object.values(cookies)) {
    const id = decodeURIComponent(value).replace(/^s:/, '').split('.')[0]!;
    const secret = (await records.read(id))?.signedIn.idpResponse?.secret;
    if (secret !== undefined) return (await responses.peek(secret))?.response;
  }
  return undefined;
}

test('list and --user: the sessions of a person, and no others; without a terminal only with --yes', async () => {
  const [alice, bob] = [await estate.signedIn('alice'), await estate.signedIn('bob')];
  const user = 'bob@corp.example';
  expect(await sessions('list', '--user', user)).toMatchObject({ total: 1, sessions: [{ user, kind: 'browser' }] });
  await expect(sessions('end', '--user', user)).rejects.toThrow('add --yes');
  await expect(sessions('end', '--yes')).rejects.toThrow('give --user, --idp or --id, or --all alone');
  expect(JSON.parse((await program('end', '--user', user, '--yes')).stdout)).toEqual({ ended: 1 });
  for (const process of estate.processes) {
    expect(await estate.rolesOn(process, bob)).toBe(401);
    expect(Array.isArray(await estate.rolesOn(process, alice))).toBe(true);
  }
  const by = expect.stringContaining('@');
  expect(estate.events('sessions_ended').at(-1)).toMatchObject({ user, by, browserSessions: 1, cliSessions: 0 });
});

test('--idp: browsers and command lines of that identity provider, in every process; of another one none', async () => {
  const alice = await estate.signedIn('alice');
  const token = await commandLineOf('bob');
  const { total } = await sessions('list', '--idp', 'adfs');
  // The person who allowed the command line had a browser session.
  expect(total).toBe(3);
  expect(await sessions('end', '--idp', 'other', '--yes')).toEqual({ ended: 0 });
  expect(await statusesOf(alice, token)).toEqual([200, 200, 200, 200]);
  expect(await sessions('end', '--idp', 'adfs', '--yes')).toEqual({ ended: total });
  expect(await statusesOf(alice, token)).toEqual([401, 401, 401, 401]);
  const ended = estate.events('sessions_ended').slice(-2);
  expect(ended).toMatchObject([
    { idp: 'other', browserSessions: 0, cliSessions: 0 },
    { idp: 'adfs', by: expect.stringContaining('@'), browserSessions: 2, cliSessions: 1 },
  ]);
});

test('--all: also stored responses of the mode forward, which nothing in the store leads to any more', async () => {
  const { brokerUrl } = estate;
  const alice = await estate.signedIn('alice');
  const token = await commandLineOf('alice');
  const cookies = alice.cookies(`${brokerUrl}/`);
  expect(await forwardedStatus(alice)).toBe(200);
  expect(Buffer.from((await responseOf(cookies)) ?? '', 'base64').toString()).toContain(forwarded);
  const { total } = await sessions('list');
  expect(await sessions('end', '--all', '--yes')).toEqual({ ended: total });
  expect(await statusesOf(alice, token)).toEqual([401, 401, 401, 401]);
  expect(await forwardedStatus(alice)).toBe(401);
  expect(await responseOf(cookies)).toBeUndefined();
  const record = estate.events('sessions_ended').at(-1)!;
  expect(record).toMatchObject({ by: expect.stringContaining('@'), browserSessions: 2, cliSessions: 1 });
  expect(['user', 'idp', 'session'].filter((name) => name in record)).toEqual([]);
  await expect(sessions('end', '--all', '--idp', 'adfs', '--yes')).rejects.toThrow('--all alone');
});
