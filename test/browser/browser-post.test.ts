// The mode browser-post: the person's browser brings the assertion to the AWS sign-in page. Without a script by one more
// press, in Chromium by itself; never as credentials.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Estate } from '../../emulators/aws/server.ts';
import { postForm } from '../../emulators/test/aws/support/raw-request.ts';
import { estate } from '../../examples/demo/company.ts';
import type { Roles } from '../../src/wire/api.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { answerOf, signIn } from '../app/support/sign-in.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { visit } from './support/person.ts';

type Raw = Record<string, unknown>;
const account = '444455556666';
const arnOf = (role: string) => `arn:aws:iam::${account}:role/${role}`;
const roleArn = arnOf('Consoles');
const destination = 'https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions';

function withRole(company: Estate): Estate {
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:saml-provider/rolegate` },
        Action: ['sts:AssumeRoleWithSAML', 'sts:SetSourceIdentity', 'sts:TagSession'],
        Condition: {
          StringEquals: {
            'SAML:aud': [
              'https://eu-west-1.signin.aws.amazon.com/saml',
              'https://us-east-1.signin.aws.amazon.com/saml',
            ],
          },
        },
      },
    ],
  };
  const add = ['Consoles', 'Watcher', 'Other'].map((name) => ({ name, maxSessionDuration: 3600, trustPolicy }));
  const accounts = company.accounts.map((each) =>
    each.id === account ? { ...each, roles: [...each.roles, ...add] } : each,
  );
  return { ...company, accounts };
}

const browsers: HttpBrowser[] = [];
const demos: TestDemo[] = [];

async function start(more: Raw): Promise<{ demo: TestDemo; browser: HttpBrowser }> {
  const demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      aws: { ...(config['aws'] as Raw), ...more },
      rules: [
        ...(config['rules'] as Raw[]),
        {
          name: 'consoles',
          when: { group: 'CORP\\AWS-Payments-Dev' },
          grant: {
            accounts: ['payments-dev'],
            role: 'Consoles',
            maxDuration: '12h',
            mode: 'browser-post',
            sessionTags: { Team: 'payments' },
          },
        },
        ...[
          ['Watcher', { Team: 'payments' }],
          ['Other', { Team: 'somebody else' }],
        ].map(([role, sessionTags]) => ({
          name: `also ${role}`,
          when: { group: 'CORP\\AWS-Payments-Dev' },
          grant: { accounts: ['payments-dev'], role, maxDuration: '2h', mode: 'browser-post', sessionTags },
        })),
      ],
    }),
  });
  demos.push(demo);
  demo.aws.setEstate(withRole(estate(publishMetadata(demo.config).aws)));
  const browser = createHttpBrowser();
  browsers.push(browser);
  await signIn(browser, demo.brokerUrl, 'alice');
  return { demo, browser };
}

/** The emulator replaces AWS under the real host name. */
let here: { demo: TestDemo; browser: HttpBrowser };
/** The real sign-in addresses: what their pages would get is brought to the emulator under their names. */
let real: { demo: TestDemo; browser: HttpBrowser };

const chromium = useChromium();

beforeAll(async () => {
  here = await start({});
  real = await start({ endpoints: {}, fallbackRegions: ['us-east-1'] });
});
afterAll(async () => {
  for (const browser of browsers) browser.close();
  for (const demo of demos) await demo.close();
});

const press = ({ demo, browser }: typeof here, more: Record<string, string> = {}): Promise<Page> =>
  browser.post(`${demo.brokerUrl}/portal/console`, { roleArn, destination, ...more }, { origin: demo.brokerUrl });
const api = ({ demo, browser }: typeof here, path: string, body: object) =>
  browser.json('POST', `${demo.brokerUrl}/api/v1/${path}`, { roleArn, ...body });
const toAws = (page: Page) => page.forms.find(({ fields }) => fields.some(([name]) => name === 'SAMLResponse'));

describe('a console by browser-post', () => {
  test('opens at its destination after one more press where no script runs, and the trails join', async () => {
    const page = await press(here);
    expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(page.headers['referrer-policy']).toBe('same-origin');
    expect(page.body).not.toMatch(/<script(?![^>]* src=)/);
    const calls = here.demo.aws.events.length;
    const console_ = await here.browser.submit(page, (form) => form === toAws(page));
    expect(console_.url).toContain('/console/lambda/home');
    expect(console_.body).toContain(`<dt>Account</dt><dd>${account}</dd>`);
    expect(console_.body).toContain('<dt>Role</dt><dd>Consoles</dd>');
    const [assumed, login] = here.demo.aws.events.slice(calls);
    const posted = here.demo.audit.findLast((record) => record['event'] === 'console_posted');
    expect(assumed).toMatchObject({
      eventName: 'AssumeRoleWithSAML',
      requestParameters: {
        sAMLAssertionID: posted?.['assertionId'],
        roleSessionName: 'alice@corp.example',
        sourceIdentity: 'alice@corp.example',
        principalTags: { Team: 'payments' },
      },
    });
    expect(login).toMatchObject({ eventName: 'ConsoleLogin' });
    expect(posted).toMatchObject({
      user: 'alice@corp.example',
      purpose: 'console',
      mode: 'browser-post',
      roleArn,
      destination: 'eu-west-1.console.aws.amazon.com/lambda/home',
      signin: 'https://eu-west-1.signin.aws.amazon.com/saml',
    });
    const intent = here.demo.audit.find((record) => record['assertionId'] === posted?.['assertionId']);
    expect(intent).toMatchObject({ event: 'credentials_requested' });
  });

  test('lets the person choose at AWS among roles whose sessions say the same', async () => {
    const page = await press(here, { choose: 'yes' });
    expect(page.body).toContain('AWS asks you to choose one of 2 roles');
    const own = createHttpBrowser();
    const chooser = await own.submit(page, (form) => form === toAws(page));
    expect(chooser.body).toContain('Watcher');
    expect(chooser.body).not.toContain('role/Other');
    const opened = await own.submit(chooser, 0, { roleArn: arnOf('Watcher') });
    expect(opened.body).toContain('<dt>Role</dt><dd>Watcher</dd>');
    // The least that any of them allows.
    const end = /<dt>Session ends<\/dt><dd>([^<]+)/.exec(opened.body)?.[1] ?? '';
    expect((Date.parse(end) - Date.now()) / 3_600_000).toBeLessThanOrEqual(2);
    own.close();
    const posted = here.demo.audit.findLast((record) => record['event'] === 'console_posted');
    expect(posted).toMatchObject({ roleArn, otherRoleArns: [arnOf('Watcher')] });
    const assumed = here.demo.aws.events.findLast(({ eventName }) => eventName === 'AssumeRoleWithSAML');
    expect(assumed?.requestParameters).toMatchObject({ sAMLAssertionID: posted?.['assertionId'] });
  });

  test('lasts as long as the sign-in where the rule allows more, whatever the role says', async () => {
    const page = await press(here);
    const own = createHttpBrowser();
    const body = (await own.submit(page, (form) => form === toAws(page))).body;
    own.close();
    const end = /<dt>Session ends<\/dt><dd>([^<]+)/.exec(body)?.[1] ?? '';
    const hours = (Date.parse(end) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(9.9);
    expect(hours).toBeLessThanOrEqual(10);
    const posted = here.demo.audit.findLast((record) => record['event'] === 'console_posted');
    expect(Math.abs(Date.parse(end) - Date.parse(String(posted?.['sessionExpiresAt'])))).toBeLessThan(60_000);
  });

  test('writes the assertion into that page and nowhere else', async () => {
    const page = await press(here);
    const { SAMLResponse = '' } = answerOf(page);
    const piece = SAMLResponse.slice(1000, 1200);
    expect(piece).toHaveLength(200);
    expect(JSON.stringify([here.demo.log, here.demo.audit])).not.toContain(piece);
    expect((await here.browser.get(`${here.demo.brokerUrl}/`)).body).not.toContain('SAMLResponse');
  });

  test('a link asks first and holds no assertion', async () => {
    const page = await here.browser.get(
      `${here.demo.brokerUrl}/console?role=payments-dev/Consoles&destination=/s3/home`,
    );
    expect([page.status, page.body.includes('SAMLResponse'), page.body.includes('sign_out_first')]).toEqual([
      200,
      false,
      false,
    ]);
    const next = await here.browser.submit(page, (form) => form.action.endsWith('/portal/console'));
    expect(answerOf(next)['RelayState']).toContain('/s3/home');
  });

  test('the API answers the broker’s own link, for the place that was asked for', async () => {
    const answer = await api(here, 'console-url', { destination: '/s3/home', region: 'us-east-1' });
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      {
        url: `${here.demo.brokerUrl}/console?role=${account}/Consoles&destination=/s3/home&region=us-east-1`,
      },
    ]);
    expect((await api(here, 'console-url', { destination: 'https://evil.example/' })).status).toBe(400);
    expect((await api(here, 'console-url', { roleArn: arnOf('Nobody') })).status).toBe(403);
  });

  test('gives no credentials, and says so in the API and in the portal', async () => {
    const { browser, demo } = here;
    const refused = await api(here, 'credentials', {});
    expect([refused.status, refused.json()]).toMatchObject([
      403,
      { code: 'console_only', title: 'This role is for the console only' },
    ]);
    const record = demo.audit.findLast((each) => each['event'] === 'credentials_refused');
    expect(record).toMatchObject({ code: 'console_only', mode: 'browser-post', roleArn });
    const { roles } = (await browser.json('GET', `${demo.brokerUrl}/api/v1/roles`)).json() as Roles;
    const consoleOnly = roles.filter((role) => role.consoleOnly);
    expect(consoleOnly.map((role) => role.roleArn)).toEqual(['Consoles', 'Watcher', 'Other'].map(arnOf));
    const portal = await browser.get(`${demo.brokerUrl}/`);
    const row = /<li class="role">(?:(?!<li class="role">)[\s\S])*?role\/Consoles"[\s\S]*?<\/li>/.exec(
      portal.body,
    )?.[0];
    expect(row).toContain('console only');
    expect(row).not.toContain('Get credentials for');
    expect((await browser.get(`${demo.brokerUrl}/credentials?role=payments-dev/Consoles`)).status).toBe(403);
  });

  test('opens by itself in Chromium, once, and the button stays where AWS does not answer', async () => {
    const { demo } = here;
    const page = await chromium.open();
    await visit(page, demo.brokerUrl, '/console?role=payments-dev/Consoles&destination=/lambda/home', 'alice');
    let posts = 0;
    await page.route(/\/saml$/, (route) => {
      posts++;
      return route.abort('aborted');
    });
    const hasFailed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/saml'));
    await page.click('form[action="/portal/console"] button');
    await hasFailed;
    expect([posts, await page.evaluate(() => window.history.state)]).toEqual([1, { isPosted: true }]);
    expect([await accessibilityProblems(page), await overflow(page)]).toEqual([[], 0]);
    await page.unroute(/\/saml$/);
    await page.click('#to-aws button');
    await page.waitForURL(/\/console\/lambda\/home/);
    expect(await page.content()).toContain('<dt>Role</dt><dd>Consoles</dd>');
    await page.goto(`${demo.brokerUrl}/`);
    await page.fill('#search', 'Consoles');
    const found = page.locator('#results .role').first();
    expect(await found.innerText()).toContain('console only');
    expect(await found.locator('input[type=checkbox]').isDisabled()).toBe(true);
    expect(await found.locator('.actions').innerText()).not.toContain('Credentials');
  });
});

describe('the sign-in pages of AWS', () => {
  const bring = (page: Page, host: string) => postForm(real.demo.awsUrl, '/saml', answerOf(page), { host });

  test('are those of the regions, each with an assertion for itself, one after the other', async () => {
    const first = await press(real);
    expect(toAws(first)?.action).toBe('https://eu-west-1.signin.aws.amazon.com/saml');
    expect((await bring(first, 'eu-west-1.signin.aws.amazon.com')).status).toBe(302);
    expect(first.body).toContain('Is AWS not answering? Try us-east-1');
    const second = await real.browser.submit(first, (form) => form.action.endsWith('/portal/console'));
    expect(toAws(second)?.action).toBe('https://us-east-1.signin.aws.amazon.com/saml');
    expect(answerOf(second)['RelayState']).toBe(destination);
    expect((await bring(second, 'us-east-1.signin.aws.amazon.com')).status).toBe(302);
    expect(second.body).toContain('Is AWS not answering? Try eu-west-1');
  });

  test('refuse an assertion for another region’s page', async () => {
    const answer = await bring(await press(real), 'us-east-1.signin.aws.amazon.com');
    expect(answer.body).toContain('Recipient is not the AWS sign-in URL');
  });

  test('are all that a form may ask for', async () => {
    const elsewhere = await press(real, { signin_region: 'eu-central-1' });
    expect([elsewhere.status, elsewhere.body.includes('SAMLResponse')]).toEqual([400, false]);
    expect((await press(real, { signin_region: 'evil.example/' })).status).toBe(400);
  });

  test('are allowed by the policy of the page', async () => {
    const csp = (await press(real)).headers['content-security-policy'] ?? '';
    expect(csp).toContain('https://*.signin.aws.amazon.com');
    expect(csp).toContain("script-src 'self'");
  });
});
