// What people who run brokers and consoles for AWS report: packed tags, addresses of multi-session consoles, role paths, partitions, and
// the identity of the broker itself. The broker, AWS and the command are real programs here, but for AWS's emulator.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { estate } from '../../examples/demo/company.ts';
import { createOwnIdentity } from '../../src/aws/own-identity.ts';
import { BrokerError } from '../../src/errors.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { logIn, openTerminal, type Terminal } from '../app/support/command-line.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { withModes } from '../app/support/modes.ts';
import { signIn } from '../app/support/sign-in.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';

type Raw = Record<string, unknown>;
const when = { group: 'CORP\\AWS-Payments-Dev' };
const account = '444455556666';
const tagged = `arn:aws:iam::${account}:role/Tagged`;
const developer = `arn:aws:iam::${account}:role/Developer`;
const manyTags = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`Tag${index}`, 'x'.repeat(250)]));

describe('a broker', () => {
  let demo: TestDemo;
  let browser: HttpBrowser;
  beforeAll(async () => {
    const path = `${'te:am~!/'.repeat(8)}${'x'.repeat(200)}`;
    demo = await startTestDemo({
      adjust: (config) => ({
        ...config,
        rules: [
          ...(config['rules'] as Raw[]),
          {
            name: 'tagged',
            when,
            grant: { accounts: ['payments-dev'], role: 'Tagged', sessionTags: { Team: 'payments', ...manyTags } },
          },
          { name: 'deep', when, grant: { accounts: ['payments-dev'], role: `${path}/Deep` } },
        ],
      }),
    });
    demo.aws.setEstate(withModes(estate(publishMetadata(demo.config).aws)));
    browser = createHttpBrowser();
    await signIn(browser, demo.brokerUrl, 'alice');
  });
  afterAll(async () => {
    browser?.close();
    await demo?.close();
  });

  const ask = (roleArn: string, more: Raw = {}, headers: Record<string, string> = {}) =>
    browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn, ...more }, headers);

  test('says that session tags are too many, where they alone are', async () => {
    const answer = await ask(tagged);
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      {
        code: 'sts_session_tags',
        title: 'The session tags exceed the limit of AWS',
        detail: expect.stringMatching(/Tell your administrators that the session tags exceed the limit of AWS/),
      },
    ]);
    expect(answer.body).not.toContain('policy');
    const record = demo.audit.findLast(({ event }) => event === 'credentials_refused');
    expect(record).toMatchObject({ code: 'sts_session_tags', detail: expect.stringMatching(/sessionTags/) });
  });

  test('blames the policy that the person chose', async () => {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
    const answer = await ask(tagged, { policy: JSON.stringify(policy) });
    expect(answer.json()).toMatchObject({ code: 'sts_session_policy', detail: 'Check or shorten the policy.' });
  });

  test('says it on the page, in Korean too', async () => {
    const form = { roleArn: tagged };
    const page = (language: string) =>
      fetch(`${demo.brokerUrl}/portal/credentials`, {
        method: 'POST',
        headers: {
          cookie: Object.entries(browser.cookies(demo.brokerUrl))
            .map(([name, value]) => `${name}=${value}`)
            .join('; '),
          origin: demo.brokerUrl,
          accept: 'text/html',
          'accept-language': language,
        },
        body: new URLSearchParams(form),
      }).then((answer) => answer.text());
    expect(await page('en')).toContain('Tell your administrators that the session tags exceed the limit of AWS');
    expect(await page('ko')).toContain('관리자에게 세션 태그가 AWS의 한도를 넘었다고 알리고');
  });

  test('opens the console of the account that was meant, whichever console the address was copied from', async () => {
    const destination = 'https://444455556666-abcd1234.eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1';
    const other = destination.replace(account, '111122223333');
    for (const each of [destination, other]) {
      const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/console-url`, {
        roleArn: developer,
        destination: each,
      });
      const { url } = answer.json() as { url: string };
      expect(new URL(url).searchParams.get('Destination')).toBe(
        'https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1',
      );
    }
    const link = (to: string) =>
      `${demo.brokerUrl}/console?${new URLSearchParams({ role: developer, destination: to })}`;
    expect((await browser.get(link(destination))).body).not.toContain('This address belongs to account');
    const warned = (await browser.get(link(other))).body;
    expect(warned).toContain('This address belongs to account 111122223333.');
    expect(warned).toContain('<code>https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1</code>');
  });

  test.each([
    'https://lightsail.aws.amazon.com/ls/webapp',
    'https://quicksight.aws.amazon.com/sn/start',
    'https://foo.bar.console.aws.amazon.com/',
  ])('names the hosts that a console link may have: %s', async (destination) => {
    const page = await browser.get(
      `${demo.brokerUrl}/console?${new URLSearchParams({ role: developer, destination })}`,
    );
    expect(page.status).toBe(400);
    expect(page.body).toContain('*.console.aws.amazon.com');
    expect(demo.log.findLast(({ code }) => code === 'not_on_console')?.['msg']).toContain('*.console.aws.amazon.com');
  });

  test('grants a role with a path as IAM allows it', async () => {
    const roles = ((await browser.json('GET', `${demo.brokerUrl}/api/v1/roles`)).json() as { roles: Raw[] }).roles;
    const deep = roles.find(({ roleName }) => roleName === 'Deep');
    expect(deep).toMatchObject({ roleArn: expect.stringContaining(':role/te:am~!/te:am~!/') });
    const page = await browser.get(
      `${demo.brokerUrl}${new URL(String(deep?.['consoleUrl'])).pathname}${new URL(String(deep?.['consoleUrl'])).search}`,
    );
    expect([page.status, page.body.includes('Open the AWS console?')]).toEqual([200, true]);
  });

  describe('and its command', () => {
    let bundle: Bundle;
    let terminal: Terminal;
    beforeAll(async () => {
      bundle = await buildBundle();
      terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
      await logIn(terminal, browser, 'alice', '--no-browser');
    });
    afterAll(() => {
      terminal?.remove();
      bundle?.remove();
    });

    test('say that session tags are too many', async () => {
      const { code, stderr } = await terminal.run('credential-process', '--role', tagged);
      expect([code === 0, stderr]).toEqual([false, expect.stringContaining('session tags exceed the limit of AWS')]);
    });

    test('write a profile for a role whose path shells would read, in quotes', async () => {
      const { code, stderr } = await terminal.run('profiles', 'sync', '--yes');
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('gets no profile')]);
      const { stdout } = await terminal.run('profiles', 'list', '--json');
      const arns = (JSON.parse(stdout) as { profiles: { roleArn: string }[] }).profiles.map(({ roleArn }) => roleArn);
      expect(arns).toContainEqual(expect.stringMatching(/role\/(te:am~!\/){8}x{200}\/Deep$/));
    });
  });
});

describe('the AWS identity of the broker itself', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-identity-'));
  const tokenFile = join(directory, 'token');
  let configFile = '';
  let files = 0;
  const sts = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${answer.code}</Code><Message>${answer.message}</Message></Error></ErrorResponse>`,
    );
  });
  let answer = { status: 400, code: '', message: '' };
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    sts.close();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_'))) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(directory, 'credentials'));
    // The SDK reads a file once: each test has its own.
    configFile = join(directory, `config-${++files}`);
    vi.stubEnv('AWS_CONFIG_FILE', configFile);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', url);
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    writeFileSync(tokenFile, 'junk');
  });
  afterEach(() => vi.unstubAllEnvs());

  const refusal = async (): Promise<BrokerError> => {
    const error = await createOwnIdentity('eu-west-1')().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BrokerError);
    return error as BrokerError;
  };
  const useToken = (file = tokenFile) => {
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', file);
    vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::111122223333:role/Broker');
  };

  test.each([
    ['is not there', () => '/nonexistent/token', /AWS_WEB_IDENTITY_TOKEN_FILE names \/nonexistent\/token.*ENOENT/],
    ['is a directory', () => directory, /AWS_WEB_IDENTITY_TOKEN_FILE names .*EISDIR/],
  ])('a token file that %s', async (_, file, text) => {
    useToken(file());
    expect(await refusal()).toMatchObject({ code: 'sts_refused', message: expect.stringMatching(text) });
  });

  test.each([
    ['InvalidIdentityToken', 400, 'sts_refused', /AWS does not take the token in AWS_WEB_IDENTITY_TOKEN_FILE/],
    ['ExpiredTokenException', 400, 'sts_refused', /has expired: the kubelet/],
    ['AccessDenied', 403, 'sts_refused', /the role of AWS_ROLE_ARN \(arn:aws:iam::111122223333:role\/Broker\)/],
    ['Unknown', 400, 'sts_refused', /STS refuses the token in AWS_WEB_IDENTITY_TOKEN_FILE/],
    ['Throttling', 400, 'sts_throttled', /STS has trouble/],
    ['ServiceUnavailable', 503, 'sts_unavailable', /STS has trouble/],
  ])('a token that STS answers with %s', async (code, status, expected, text) => {
    useToken();
    answer = { status, code, message: 'x' };
    const error = await refusal();
    expect(error).toMatchObject({ code: expected, message: expect.stringMatching(text) });
    expect(error.message).not.toContain('junk');
    expect(error.message).not.toContain('aws.issuer');
  });

  test('a token file without a role', async () => {
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', tokenFile);
    expect((await refusal()).message).toContain('AWS_ROLE_ARN is not: set both');
  });

  test('an STS that does not answer is an outage', async () => {
    useToken();
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:1');
    expect(await refusal()).toMatchObject({
      code: 'sts_unavailable',
      message: expect.stringMatching(/does not answer/),
    });
  });

  test.each([
    ['answers 400', () => url, /AWS_CONTAINER_CREDENTIALS_FULL_URI names an address that gives no credentials/],
    ['does not listen', () => 'http://127.0.0.1:1/x', /AWS_CONTAINER_CREDENTIALS_FULL_URI/],
    ['is not a URL', () => 'nonsense', /AWS_CONTAINER_CREDENTIALS_FULL_URI is not a valid URL/],
    ['is a foreign address', () => 'http://example.com/x', /AWS_CONTAINER_CREDENTIALS_FULL_URI/],
  ])('an endpoint of container credentials that %s', async (_, endpoint, text) => {
    answer = { status: 400, code: 'x', message: 'x' };
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', endpoint());
    expect(await refusal()).toMatchObject({ code: 'sts_refused', message: expect.stringMatching(text) });
  });

  test('a token file of container credentials that is not there', async () => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/x`);
    vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', '/nonexistent/pod');
    expect((await refusal()).message).toMatch(/AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names \/nonexistent\/pod/);
  });

  test.each([
    ['is not there', '', /the profile broker of AWS_PROFILE gives no credentials/],
    [
      'has an expired sign-in',
      '[profile broker]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\nregion = eu-west-1\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n',
      /the sign-in of the profile broker has expired/,
    ],
    [
      'runs a program that fails',
      '[profile broker]\ncredential_process = false\n',
      /the profile broker of AWS_PROFILE/,
    ],
  ])('a profile that %s', async (_, config, text) => {
    writeFileSync(configFile, config);
    vi.stubEnv('AWS_PROFILE', 'broker');
    expect(await refusal()).toMatchObject({ code: 'sts_refused', message: expect.stringMatching(text) });
  });

  test('a clock that is off', async () => {
    writeFileSync(
      configFile,
      '[profile broker]\nrole_arn = arn:aws:iam::111122223333:role/B\nsource_profile = keys\nregion = eu-west-1\n[profile keys]\naws_access_key_id = AKIAEXAMPLEKEYS00000\naws_secret_access_key = secret\n',
    );
    vi.stubEnv('AWS_PROFILE', 'broker');
    answer = {
      status: 403,
      code: 'SignatureDoesNotMatch',
      message: 'Signature expired: 20260101T000000Z is now earlier',
    };
    expect((await refusal()).message).toMatch(/the clock of the broker .* check NTP/);
    answer = { status: 403, code: 'ExpiredToken', message: 'The security token included in the request is expired' };
    expect((await refusal()).message).toMatch(/the session token of the profile broker has expired/);
  });

  test('none at all', async () => {
    expect(await refusal()).toMatchObject({
      code: 'sts_refused',
      message: expect.stringMatching(/found no AWS credentials/),
    });
  });
});
