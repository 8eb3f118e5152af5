// Every way to credentials that the broker signs or mints itself: from the portal's API to a signed call and a console, and
// what the person and the administrator are told when AWS refuses.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { estate } from '../../examples/demo/company.ts';
import type { ConsoleUrl, Credentials, Roles } from '../../src/wire/api.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { brokerUser, callerOf, federator, hubArn, targetAccount, tokenAccount, withModes } from './support/modes.ts';
import { signIn } from './support/sign-in.ts';

type Raw = Record<string, unknown>;
const onlyReading = {
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] },
};
const displayName = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';

const when = { group: 'CORP\\AWS-Payments-Dev' };
const grants: readonly Raw[] = [
  { accounts: ['payments-dev'], role: 'Partner', maxDuration: '4h', mode: 'assume-role' },
  {
    accounts: ['payments-dev'],
    role: 'Untagged',
    mode: 'assume-role',
    sourceIdentity: false,
    sessionTags: { Team: 'payments' },
  },
  { accounts: ['payments-dev'], role: 'Missing', mode: 'assume-role' },
  {
    accounts: ['payments-dev'],
    role: 'OfHub',
    maxDuration: '8h',
    mode: 'assume-role',
    sessionName: 'p-{user}',
    sessionTags: { Team: 'payments', Name: { claim: displayName } },
    transitiveTags: ['Team'],
  },
  {
    accounts: ['payments-dev'],
    role: 'Tagged',
    sessionTags: { Team: 'payments', Who: { from: 'user' } },
    transitiveTags: ['Team'],
  },
  { accounts: ['payments-dev'], role: 'Unclaimed', sessionTags: { CostCenter: { claim: 'urn:cost-center' } } },
  { accounts: ['data-dev'], role: 'Reader', maxDuration: '36h', mode: 'federation-token', sessionPolicy: onlyReading },
];

const directory = mkdtempSync(join(tmpdir(), 'rolegate-modes-'));
const secretFile = join(directory, 'federator.secret');
const demos: TestDemo[] = [];
const browsers: HttpBrowser[] = [];

async function start(assumeRole: Raw): Promise<{ demo: TestDemo; browser: HttpBrowser }> {
  const demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      aws: {
        ...(config['aws'] as Raw),
        assumeRole,
        federationToken: {
          keys: { 'data-dev': { accessKeyId: federator.accessKeyId, secretAccessKey: `\${file:${secretFile}}` } },
        },
      },
      accounts: (config['accounts'] as Raw[]).map((account) =>
        account['id'] === targetAccount ? { ...account, externalId: 'customer-42' } : account,
      ),
      rules: [
        ...(config['rules'] as Raw[]),
        ...grants.map((grant) => ({ name: `modes: ${grant['role']}`, when, grant })),
      ],
      session: { ...(config['session'] as Raw), absoluteTimeout: '24h' },
    }),
  });
  demos.push(demo);
  demo.aws.setEstate(withModes(estate(publishMetadata(demo.config).aws)));
  const browser = createHttpBrowser();
  browsers.push(browser);
  await signIn(browser, demo.brokerUrl, 'alice');
  return { demo, browser };
}

let direct: { demo: TestDemo; browser: HttpBrowser };
let chained: { demo: TestDemo; browser: HttpBrowser };

beforeAll(async () => {
  writeFileSync(secretFile, `${federator.secretAccessKey}\n`, { mode: 0o600 });
  vi.stubEnv('AWS_ACCESS_KEY_ID', brokerUser.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', brokerUser.secretAccessKey);
  direct = await start({ caller: 'user' });
  chained = await start({ caller: 'user', hub: { roleArn: hubArn } });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  for (const browser of browsers) browser.close();
  for (const demo of demos) await demo.close();
  rmSync(directory, { recursive: true, force: true });
});

const roleOf = (name: string, account = targetAccount) => `arn:aws:iam::${account}:role/${name}`;
const readerArn = `arn:aws:sts::${tokenAccount}:federated-user/Reader`;

function ask({ demo, browser }: typeof direct, roleArn: string, more: Raw = {}) {
  return browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn, ...more });
}

async function issue(from: typeof direct, roleArn: string, more: Raw = {}): Promise<Credentials> {
  const answer = await ask(from, roleArn, more);
  expect([answer.status, answer.status === 200 ? '' : answer.body]).toEqual([200, '']);
  return answer.json() as Credentials;
}

/** The broker's record of these credentials, and AWS's event of the same access key. */
function recordsOf({ demo }: typeof direct, { AccessKeyId }: Pick<Credentials, 'AccessKeyId'>) {
  const issued = demo.audit.find((record) => record['accessKeyId'] === AccessKeyId);
  const event = demo.aws.events.find((each) => JSON.stringify(each.responseElements)?.includes(AccessKeyId));
  return { issued, event };
}

/** What the console says of a session that the broker opened. */
async function openConsole({ demo, browser }: typeof direct, roleArn: string, durationSeconds?: number) {
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/console-url`, { roleArn, durationSeconds });
  expect([answer.status, answer.status === 200 ? '' : answer.body]).toEqual([200, '']);
  // A separate browser: without multi-session one console is open at a time.
  const own = createHttpBrowser();
  const { url, sessionExpiresAt } = answer.json() as ConsoleUrl;
  const page = await own.get(url);
  own.close();
  const asked = demo.aws.events.filter(({ eventName }) => eventName === 'GetSigninToken');
  const end = /<dt>Session ends<\/dt><dd>([^<]+)/.exec(page.body)?.[1] ?? '';
  // The broker knows when it ends, but for what the calls take on a busy machine.
  expect(Math.abs(Date.parse(end) - Date.parse(sessionExpiresAt ?? ''))).toBeLessThan(60_000);
  return {
    body: page.body,
    hours: (Date.parse(end) - Date.now()) / 3_600_000,
    refused: asked.filter((e) => e.errorCode),
  };
}

const rolesOf = async ({ demo, browser }: typeof direct) =>
  ((await browser.json('GET', `${demo.brokerUrl}/api/v1/roles`)).json() as Roles).roles;

describe('assume-role with keys of a user', () => {
  test('gives credentials that sign, with the external id of the account, and the trails join', async () => {
    const credentials = await issue(direct, roleOf('Partner'), { durationSeconds: 7200 });
    const arn = `arn:aws:sts::${targetAccount}:assumed-role/Partner/alice@corp.example`;
    expect(credentials).toMatchObject({ AssumedRoleArn: arn, DurationSeconds: 7200, DurationLimitedBy: 'request' });
    expect(await callerOf(credentials, direct.demo.awsUrl)).toBe(arn);
    const { issued, event } = recordsOf(direct, credentials);
    expect(issued).toMatchObject({ event: 'credentials_issued', mode: 'assume-role', user: 'alice@corp.example' });
    expect(issued).not.toHaveProperty('assertionId');
    expect(event).toMatchObject({
      eventName: 'AssumeRole',
      requestParameters: {
        externalId: 'customer-42',
        roleSessionName: 'alice@corp.example',
        sourceIdentity: 'alice@corp.example',
      },
    });
    expect(JSON.stringify(direct.demo.audit)).not.toContain(credentials.SecretAccessKey);
  });

  test('opens a console that lasts as long as the rule says, beyond the maximum of the role', async () => {
    const { body, hours, refused } = await openConsole(direct, roleOf('Partner'), 14_400);
    expect(body).toContain('Partner');
    expect(hours).toBeGreaterThan(3.9);
    expect(refused).toEqual([]);
  });

  test('asks a role once for more than it allows, and remembers', async () => {
    const calls = () => direct.demo.aws.events.filter(({ eventName }) => eventName === 'AssumeRole').length;
    expect(await issue(direct, roleOf('Partner'))).toMatchObject({ DurationSeconds: 3600, DurationLimitedBy: 'role' });
    const before = calls();
    expect(await issue(direct, roleOf('Partner'))).toMatchObject({ DurationSeconds: 3600, DurationLimitedBy: 'role' });
    expect(calls() - before).toBe(1);
    expect(await issue(direct, roleOf('Partner'), { durationSeconds: 7200 })).toMatchObject({ DurationSeconds: 7200 });
  });

  test.each([
    ['a role that does not exist', 'Missing', /does not exist .* external id/],
    ['tags that the trust policy does not allow', 'Untagged', /allow sts:TagSession/],
  ])('%s: the person reads one thing, the trail says what to do', async (_, name, sentence) => {
    const answer = await ask(direct, roleOf(name));
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'sts_access_denied', title: 'AWS refused this role' });
    expect(answer.body).not.toMatch(sentence);
    const { requestId } = answer.json() as { requestId: string };
    const record = direct.demo.audit.find((each) => each['requestId'] === requestId && each['code'] !== undefined);
    expect(record).toMatchObject({ event: 'credentials_refused', detail: expect.stringMatching(sentence) });
  });
});

describe('assume-role by way of a hub', () => {
  test('promises one hour everywhere, and says why', async () => {
    const role = (await rolesOf(chained)).find(({ roleArn }) => roleArn === roleOf('OfHub'));
    expect(role).toMatchObject({ maxDurationSeconds: 3600 });
    expect(await issue(chained, roleOf('OfHub'), { durationSeconds: 7200 })).toMatchObject({
      DurationSeconds: 3600,
      DurationLimitedBy: 'chaining',
    });
    const page = await chained.browser.post(`${chained.demo.brokerUrl}/portal/credentials`, {
      roleArn: roleOf('OfHub'),
    });
    expect(page.body).toContain('limited by AWS for role chaining');
  });

  test('hands on name, tags and source identity of the person, whom the hub itself does not name', async () => {
    const credentials = await issue(chained, roleOf('OfHub'));
    expect(await callerOf(credentials, chained.demo.awsUrl)).toMatch(/\/OfHub\/p-alice@corp\.example-[0-9a-f]{16}$/);
    const { event, issued } = recordsOf(chained, credentials);
    expect(event?.requestParameters).toMatchObject({
      sourceIdentity: 'alice@corp.example',
      tags: [
        { key: 'Team', value: 'payments' },
        { key: 'Name', value: 'Alice Sample' },
      ],
      transitiveTagKeys: ['Team'],
    });
    expect(event?.userIdentity).toMatchObject({ arn: expect.stringMatching(/assumed-role\/Hub\/rolegate$/) });
    expect(issued).toMatchObject({ roleSessionName: expect.stringMatching(/^p-alice@corp\.example-/) });
    const hub = chained.demo.aws.events.filter((each) => each.requestParameters?.['roleArn'] === hubArn);
    expect(hub).toHaveLength(1);
    expect(hub[0]?.requestParameters).not.toHaveProperty('sourceIdentity');
  });

  test('opens a console without SessionDuration, which AWS would refuse', async () => {
    const { body, hours, refused } = await openConsole(chained, roleOf('OfHub'));
    expect(body).toContain('OfHub');
    expect(hours).toBeLessThanOrEqual(1);
    expect(refused).toEqual([]);
  });
});

describe('mint with session tags', () => {
  test('sends them in the assertion, and the trust policy may ask for them', async () => {
    const credentials = await issue(direct, roleOf('Tagged'));
    const { event, issued } = recordsOf(direct, credentials);
    expect(event).toMatchObject({
      eventName: 'AssumeRoleWithSAML',
      requestParameters: {
        sAMLAssertionID: issued?.['assertionId'],
        principalTags: { Team: 'payments', Who: 'alice@corp.example' },
        transitiveTagKeys: ['Team'],
      },
    });
  });

  test('refuses a person whose sign-in has a claim missing, before AWS is asked', async () => {
    const before = direct.demo.aws.events.length;
    const answer = await ask(direct, roleOf('Unclaimed'));
    expect([answer.status, answer.json()]).toMatchObject([403, { code: 'session_attributes' }]);
    expect(direct.demo.aws.events).toHaveLength(before);
    const record = direct.demo.audit.findLast((each) => each['event'] === 'credentials_refused');
    expect(record).toMatchObject({
      detail: 'session tag CostCenter: the claim urn:cost-center has 0 values and not one',
    });
  });
});

describe('federation-token', () => {
  test('makes a federated user of the person, with the policy of the rule', async () => {
    const credentials = await issue(direct, readerArn);
    const arn = `arn:aws:sts::${tokenAccount}:federated-user/alice@corp.example`;
    expect(credentials).toMatchObject({ RoleArn: readerArn, AssumedRoleArn: arn });
    expect(await callerOf(credentials, direct.demo.awsUrl)).toBe(arn);
    const { event, issued } = recordsOf(direct, credentials);
    expect(event).toMatchObject({ eventName: 'GetFederationToken', requestParameters: { name: 'alice@corp.example' } });
    expect(String(event?.requestParameters?.['policy'])).toContain('s3:Get*');
    expect(issued).toMatchObject({ mode: 'federation-token', rule: 'modes: Reader' });
    expect(JSON.stringify(direct.demo.audit)).not.toContain(federator.secretAccessKey);
  });

  test('lasts until the sign-in ends where the rule allows more', async () => {
    const { DurationSeconds, DurationLimitedBy } = await issue(direct, readerArn);
    expect(DurationLimitedBy).toBe('session');
    expect(DurationSeconds).toBeGreaterThan(43_200);
  });

  test('opens a console without SessionDuration', async () => {
    const { body, refused } = await openConsole(direct, readerArn, 3600);
    expect(body).toContain(tokenAccount);
    expect(refused).toEqual([]);
  });

  test('takes no policy of the person in place of the one of the rule', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    const answer = await ask(direct, readerArn, { policy });
    expect([answer.status, answer.json()]).toMatchObject([400, { code: 'session_policy_fixed' }]);
  });

  test('offers no policy to choose where the rule has one', async () => {
    const { brokerUrl } = direct.demo;
    const own = await direct.browser.post(`${brokerUrl}/portal/credentials`, { roleArn: readerArn });
    expect([own.status, own.body.includes('name="sessionPolicy"')]).toEqual([200, false]);
    const free = await direct.browser.post(`${brokerUrl}/portal/credentials`, { roleArn: roleOf('Partner') });
    expect([free.status, free.body.includes('name="sessionPolicy"')]).toEqual([200, true]);
  });

  test('is found by account and name, as roles are', async () => {
    const page = await direct.browser.get(`${direct.demo.brokerUrl}/console?role=data-dev/Reader`);
    expect([page.status, page.body.includes('Reader')]).toEqual([200, true]);
  });
});
