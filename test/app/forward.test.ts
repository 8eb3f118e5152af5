// The mode forward: the identity provider's own response at STS. It is taken for four minutes, by the session that
// received it, for the roles that it names; else a sign-in in between goes on with one press.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdfsUser, RelyingPartyTrust, ResponseOverrides } from '../../emulators/adfs/server.ts';
import type { Estate } from '../../emulators/aws/server.ts';
import { estate } from '../../examples/demo/company.ts';
import type { ConsoleUrl, Credentials, Roles } from '../../src/wire/api.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { callerOf } from './support/modes.ts';
import { answerOf, postAnswer, reachAnswer, signIn } from './support/sign-in.ts';

type Raw = Record<string, unknown>;
const account = '444455556666';
const arnOf = (role: string) => `arn:aws:iam::${account}:role/${role}`;
const idpProvider = `arn:aws:iam::${account}:saml-provider/corp-adfs`;
const saml = (name: string) => `https://aws.amazon.com/SAML/Attributes/${name}`;
const pairs = (...roles: string[]) => roles.map((role) => `${arnOf(role)},${idpProvider}`);

let clock: TestClock;
let demo: TestDemo;
const browsers: HttpBrowser[] = [];

/** What the trust's claim rules issue for everybody. */
const usual = {
  [saml('Role')]: [...pairs('Forwarded', 'Unknown'), `${idpProvider}, ${arnOf('Swapped')}`],
  [saml('RoleSessionName')]: ['a.sample'],
};

function trustWith(more: Partial<RelyingPartyTrust> = {}, claims: Raw = usual): void {
  const { serviceProvider, acsUrl } = demo.config;
  const { entityId, signing } = serviceProvider;
  demo.adfs.setRelyingParties([
    {
      entityId,
      acsUrl,
      requireSignedRequests: true,
      signingCertificates: signing ? [signing.certificate] : [],
      additionalAudiences: ['urn:amazon:webservices'],
      claimRules: (_: AdfsUser) => claims as Record<string, readonly string[]>,
      ...more,
    },
  ]);
}

/** IAM holds the metadata of the identity provider, and the roles ask for the broker's address as Recipient. */
function withIdp(company: Estate): Estate {
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: idpProvider },
        Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'],
        Condition: { StringEquals: { 'SAML:aud': demo.config.acsUrl } },
      },
    ],
  };
  const roles = ['Forwarded', 'Swapped', 'Unlisted'].map((name) => ({ name, maxSessionDuration: 43_200, trustPolicy }));
  const accounts = company.accounts.map((each) =>
    each.id === account
      ? {
          ...each,
          samlProviders: { ...each.samlProviders, 'corp-adfs': demo.adfs.metadata() },
          roles: [...each.roles, ...roles],
        }
      : each,
  );
  return { ...company, accounts };
}

beforeAll(async () => {
  clock = createTestClock(new Date(Date.now()));
  const grant = (role: string) => ({
    name: `forward: ${role}`,
    when: { group: 'CORP\\Domain Users' },
    grant: { accounts: ['payments-dev'], role, maxDuration: '8h', mode: 'forward' },
  });
  demo = await startTestDemo({
    clock,
    adjust: (config) => ({
      ...config,
      aws: { ...(config['aws'] as Raw), forward: { provider: 'corp-adfs' } },
      rules: [...(config['rules'] as Raw[]), ...['Forwarded', 'Swapped', 'Unlisted', 'Unknown'].map(grant)],
    }),
  });
  trustWith();
  demo.aws.setEstate(withIdp(estate(publishMetadata(demo.config).aws)));
});
afterAll(async () => {
  for (const browser of browsers) browser.close();
  await demo?.close();
});

async function signedIn(user = 'alice'): Promise<HttpBrowser> {
  const browser = createHttpBrowser({ now: clock.now });
  browsers.push(browser);
  await signIn(browser, demo.brokerUrl, user);
  return browser;
}

/** Signs in with a response that differs from what the identity provider would say. */
async function signedInWith(overrides: ResponseOverrides) {
  const browser = createHttpBrowser({ now: clock.now });
  browsers.push(browser);
  const page = await reachAnswer(browser, demo.brokerUrl, 'alice');
  const xml = Buffer.from(answerOf(page)['SAMLResponse'] ?? '', 'base64').toString('utf8');
  const SAMLResponse = demo.adfs.issueResponse({
    username: 'alice',
    relyingParty: demo.config.serviceProvider.entityId,
    inResponseTo: / InResponseTo="([^"]+)"/.exec(xml)?.[1] ?? '',
    overrides,
  });
  const landed = await browser.submit(page, (form) => form.action === demo.config.acsUrl, { SAMLResponse });
  return { browser, landed };
}

const ask = (browser: HttpBrowser, role: string, more: Raw = {}, path = 'credentials') =>
  browser.json('POST', `${demo.brokerUrl}/api/v1/${path}`, { roleArn: arnOf(role), ...more });
const offered = async (browser: HttpBrowser) =>
  ((await browser.json('GET', `${demo.brokerUrl}/api/v1/roles`)).json() as Roles).roles
    .filter(({ rule }) => rule.startsWith('forward'))
    .map(({ roleName }) => roleName);
const calls = () => demo.aws.events.filter(({ eventName }) => eventName === 'AssumeRoleWithSAML').length;

describe('a role that the response names', () => {
  test('gives credentials that are the person of the identity provider, and the trails join', async () => {
    const browser = await signedIn();
    const answer = await ask(browser, 'Forwarded');
    const credentials = answer.json() as Credentials;
    const arn = `arn:aws:sts::${account}:assumed-role/Forwarded/a.sample`;
    expect([answer.status, credentials.AssumedRoleArn, credentials.DurationSeconds]).toEqual([200, arn, 28_800]);
    expect(await callerOf(credentials, demo.awsUrl)).toBe(arn);
    const issued = demo.audit.findLast((record) => record['accessKeyId'] === credentials.AccessKeyId);
    expect(issued).toMatchObject({ mode: 'forward', user: 'alice@corp.example', roleSessionName: 'a.sample' });
    expect(issued?.['assertionId']).toBe(issued?.['signInAssertionId']);
    const event = demo.aws.events.findLast(({ eventName }) => eventName === 'AssumeRoleWithSAML');
    expect(event).toMatchObject({ requestParameters: { sAMLAssertionID: issued?.['assertionId'] } });
  });

  test('may be had more than once, in either order of the pair, and as a console', async () => {
    const browser = await signedIn();
    expect((await ask(browser, 'Forwarded')).status).toBe(200);
    expect((await ask(browser, 'Swapped', { durationSeconds: 900 })).json()).toMatchObject({ DurationSeconds: 900 });
    const { url } = (await ask(browser, 'Forwarded', {}, 'console-url')).json() as ConsoleUrl;
    const own = createHttpBrowser();
    const page = await own.get(url);
    own.close();
    expect(page.body).toContain('<dt>Role</dt><dd>Forwarded</dd>');
  });

  test('is offered only if the response carries its pair with the provider', async () => {
    expect(await offered(await signedIn())).toEqual(['Forwarded', 'Swapped', 'Unknown']);
    expect((await ask(await signedIn(), 'Unlisted')).json()).toMatchObject({ code: 'role_not_granted' });
    trustWith({}, { ...usual, [saml('Role')]: [`${arnOf('Forwarded')},${idpProvider}2`, arnOf('Swapped')] });
    const browser = await signedIn();
    expect(await offered(browser)).toEqual([]);
    expect((await browser.get(`${demo.brokerUrl}/why`)).body).toContain('does not send the role to AWS');
    trustWith();
  });

  test.each([
    ['no RoleSessionName', { [saml('RoleSessionName')]: [] }],
    ['two of them', { [saml('RoleSessionName')]: ['a', 'b'] }],
    ['one that AWS does not take', { [saml('RoleSessionName')]: ['a sample'] }],
    ['a SessionDuration that AWS does not take', { [saml('SessionDuration')]: ['60'] }],
  ])('is not offered with %s', async (_, claims) => {
    trustWith({}, { ...usual, ...claims });
    expect(await offered(await signedIn())).toEqual([]);
    trustWith();
  });

  test('lasts no longer than the response says', async () => {
    trustWith({}, { ...usual, [saml('SessionDuration')]: ['1800'] });
    const browser = await signedIn();
    trustWith();
    expect((await ask(browser, 'Forwarded')).json()).toMatchObject({
      DurationSeconds: 1800,
      DurationLimitedBy: 'session',
    });
  });

  test('lasts no longer than the identity provider’s own session', async () => {
    const sessionNotOnOrAfter = new Date(clock.now().getTime() + 30 * 60_000);
    const { browser } = await signedInWith({ sessionNotOnOrAfter });
    const { DurationLimitedBy, Expiration } = (await ask(browser, 'Forwarded')).json() as Credentials;
    expect(DurationLimitedBy).toBe('session');
    expect(Math.abs(Date.parse(Expiration) - sessionNotOnOrAfter.getTime())).toBeLessThan(60_000);
  });

  test('is refused where AWS does not know it, in words for the person and for the administrator', async () => {
    const answer = await ask(await signedIn(), 'Unknown');
    expect([answer.status, answer.json()]).toMatchObject([403, { code: 'sts_access_denied' }]);
    const record = demo.audit.findLast((each) => each['event'] === 'credentials_refused');
    expect(record).toMatchObject({ mode: 'forward', code: 'sts_access_denied' });
  });

  test('is refused by AWS if the identity provider does not name AWS as an audience', async () => {
    trustWith({ additionalAudiences: [] });
    const browser = await signedIn();
    trustWith();
    expect((await ask(browser, 'Forwarded')).json()).toMatchObject({ code: 'sts_identity_rejected' });
  });
});

describe('the response', () => {
  test('is taken for four minutes; then the API says where a new sign-in goes on', async () => {
    const browser = await signedIn();
    clock.advance(4 * 60_000 - 1000);
    expect((await ask(browser, 'Forwarded')).status).toBe(200);
    clock.advance(1000);
    const before = calls();
    const late = await ask(browser, 'Forwarded');
    expect([late.status, late.json()]).toMatchObject([403, { code: 'reauthentication_required' }]);
    expect(calls()).toBe(before);
    const { reauthenticationUrl } = late.json() as { reauthenticationUrl: string };
    const page = await postAnswer(browser, await browser.get(demo.brokerUrl + reauthenticationUrl));
    const resumed = await browser.submit(page, (form) => form.fields.some(([, value]) => value === arnOf('Forwarded')));
    expect([resumed.status, resumed.body.includes('ASIA')]).toEqual([200, true]);
    const record = demo.audit.findLast((each) => each['code'] === 'reauthentication_required');
    expect(record).toMatchObject({ event: 'credentials_refused', mode: 'forward' });
  });

  test('too old leads from the portal through a silent sign-in to the console that was asked for', async () => {
    const browser = await signedIn();
    clock.advance(5 * 60_000);
    const destination = '/lambda/home';
    const anew = await browser.post(`${demo.brokerUrl}/portal/console`, { roleArn: arnOf('Forwarded'), destination });
    expect([anew.status, anew.body.includes('A new sign-in for AWS')]).toEqual([403, true]);
    const login = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(anew.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const requests = demo.adfs.events.filter(({ type }) => type === 'credentials-accepted').length;
    const asks = await postAnswer(browser, await browser.get(demo.brokerUrl + login));
    // The IdP asked for no password.
    expect(demo.adfs.events.filter(({ type }) => type === 'credentials-accepted')).toHaveLength(requests);
    const opened = await browser.submit(asks, (form) => form.action.endsWith('/portal/console'));
    expect([opened.url.includes('/console/lambda/home'), opened.body.includes('Forwarded')]).toEqual([true, true]);
  });

  test('counts from the earlier of the two times of issue', async () => {
    const browser = createHttpBrowser({ now: clock.now });
    browsers.push(browser);
    const page = await reachAnswer(browser, demo.brokerUrl, 'alice');
    clock.advance(3 * 60_000);
    await postAnswer(browser, page);
    expect((await ask(browser, 'Forwarded')).status).toBe(200);
    clock.advance(60_000);
    expect((await ask(browser, 'Forwarded')).json()).toMatchObject({ code: 'reauthentication_required' });
  });

  test('ends with the session, and serves no other user', async () => {
    const [alice, bob] = [await signedIn(), await signedIn('bob')];
    const ids = () => demo.aws.events.findLast(({ eventName }) => eventName === 'AssumeRoleWithSAML');
    await ask(alice, 'Forwarded');
    const ofAlice = ids()?.requestParameters?.['sAMLAssertionID'];
    await ask(bob, 'Forwarded');
    expect(ids()?.requestParameters?.['sAMLAssertionID']).not.toBe(ofAlice);
    await alice.post(`${demo.brokerUrl}/logout`, {}, { origin: demo.brokerUrl });
    expect((await ask(alice, 'Forwarded')).status).toBe(401);
    expect((await ask(bob, 'Forwarded')).status).toBe(200);
  });

  test('is a sign-in only if it names this broker as well: AWS as the one audience is not enough', async () => {
    const refusedFor = async (audiences: readonly string[]) =>
      (await signedInWith({ audiences })).landed.status === 403;
    const own = demo.config.serviceProvider.entityId;
    expect(await refusedFor([own, 'urn:amazon:webservices'])).toBe(false);
    expect(await refusedFor(['urn:amazon:webservices'])).toBe(true);
    expect(demo.audit.findLast((each) => each['event'] === 'sign_in_refused')).toMatchObject({ reason: 'audience' });
  });

  test('is in no record and no log line', async () => {
    const browser = createHttpBrowser({ now: clock.now });
    browsers.push(browser);
    const page = await reachAnswer(browser, demo.brokerUrl, 'alice');
    await postAnswer(browser, page);
    await ask(browser, 'Forwarded');
    const piece = answerOf(page)['SAMLResponse']?.slice(500, 700);
    expect(piece).toHaveLength(200);
    expect(JSON.stringify([demo.log, demo.audit])).not.toContain(piece);
  });
});
