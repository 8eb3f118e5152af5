// Rows F1 to F7 and F12 of the sign-in endpoint, and the console page behind it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { cookieOf, getToken, newSession, openConsole } from '../support/console-browser.ts';
import { ACCOUNT, ISSUER, metadataFor, NOW, sampleEstate } from '../support/fixture.ts';
import { postForm, type RawAnswer, rawRequest } from '../support/raw-request.ts';

let aws: AwsEmulator;
let session: string;

beforeAll(async () => {
  const pair = keyPair('minting');
  aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [pair])) });
  session = await newSession(aws, pair.key, ACCOUNT);
});
afterAll(() => aws.close());
beforeEach(() => aws.setClockOffset(0));

const DESTINATION = 'https://eu-west-1.console.aws.amazon.com/s3/buckets?prefix=a b&x=%3Cy%3E';
type Members = Readonly<Record<string, string>>;

const tokenFor = (members: Members = {}, headers: Members = {}): Promise<string> =>
  getToken(aws, { Session: session, ...members }, headers);
const login = (token: string, members: Members = {}, headers: Members = {}): Promise<RawAnswer> =>
  openConsole(aws, token, { Destination: DESTINATION, ...members }, headers);

describe('getSigninToken', () => {
  test('F1 answers a token to POST and GET', async () => {
    await tokenFor();
    const query = new URLSearchParams({ Action: 'getSigninToken', SessionType: 'json', Session: session });
    const { status, body, headers } = await rawRequest(aws.url, { path: `/federation?${query}` });
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(Object.keys(JSON.parse(body))).toEqual(['SigninToken']);
    expect(aws.events.at(-1)).toMatchObject({ eventName: 'GetSigninToken', eventSource: 'signin.amazonaws.com' });
  });

  test('F3 takes a SessionDuration at both ends of the range', async () => {
    await tokenFor({ SessionDuration: '900' });
    await tokenFor({ SessionDuration: '43200' });
  });

  const user = { sessionId: 'AKIAEXAMPLEEXAMPLE00', sessionKey: 'long-term-secret-of-the-user', sessionToken: '' };
  const withKey = (name: string, value: unknown): string => JSON.stringify({ ...JSON.parse(session), [name]: value });
  const refused: readonly (readonly [string, () => Members])[] = [
    ['F2 no Session', () => ({ Session: '' })],
    ['F2 a Session that is not JSON', () => ({ Session: 'sessionId=x' })],
    ['F2 a Session that is a list', () => ({ Session: '[]' })],
    ['F2 an unknown key', () => ({ Session: withKey('sessionId', 'ASIAAAAAAAAAAAAAAAAA') })],
    ['F2 another secret', () => ({ Session: withKey('sessionKey', 'x') })],
    ['F2 another token', () => ({ Session: withKey('sessionToken', 'x') })],
    ['F2 no token', () => ({ Session: withKey('sessionToken', undefined) })],
    ['F2 the key of an IAM user', () => ({ Session: JSON.stringify(user) })],
    ['F3 899 seconds', () => ({ SessionDuration: '899' })],
    ['F3 43201 seconds', () => ({ SessionDuration: '43201' })],
    ['F3 no integer', () => ({ SessionDuration: '3600.0' })],
  ];
  for (const [name, members] of refused) {
    test(name, async () => {
      const form = { Action: 'getSigninToken', Session: session, ...members() };
      const { status, body, headers } = await postForm(aws.url, '/federation', form);
      expect([status, headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
      expect(body).toContain('Invalid credentials parameter');
    });
  }

  test('F2 expired credentials', async () => {
    aws.setClockOffset(3600);
    const { status } = await postForm(aws.url, '/federation', { Action: 'getSigninToken', Session: session });
    expect(status).toBe(400);
  });

  test('F4 answers a request line above 8 KB with 414; the same by POST is fine', async () => {
    const padded = { Action: 'getSigninToken', Session: session, Padding: 'x'.repeat(8192) };
    const { status } = await rawRequest(aws.url, { path: `/federation?${new URLSearchParams(padded)}` });
    expect(status).toBe(414);
    expect((await postForm(aws.url, '/federation', padded)).status).toBe(200);
  });
});

describe('login', () => {
  test('F5 leads to the console page of the destination, by GET and by POST', async () => {
    const token = await tokenFor();
    const answer = await login(token);
    expect(answer.status).toBe(302);
    const location = new URL(answer.headers.location ?? '', aws.url);
    expect(location.pathname).toBe('/console/s3/buckets');
    expect(location.searchParams.get('region')).toBe('eu-west-1');
    expect(aws.consoleUrlFor(DESTINATION)).toBe(location.href);
    const page = await rawRequest(aws.url, {
      path: answer.headers.location ?? '',
      headers: { cookie: cookieOf(answer) },
    });
    expect(page.status).toBe(200);
    const shown = [ACCOUNT, 'payments-prod', 'Developer', 'alice@example.com', '2026-03-01T13:00:00Z', 'eu-west-1'];
    for (const text of [...shown, 'https://portal.example.com/', '/oauth?Action=logout'])
      expect(page.body).toContain(text);
    expect(page.body).not.toContain('<script');
    expect(aws.events.at(-1)).toMatchObject({ eventName: 'ConsoleLogin', additionalEventData: { MFAUsed: 'No' } });
    const form = { Action: 'login', Destination: 'https://console.aws.amazon.com/', SigninToken: token };
    const posted = await postForm(aws.url, '/federation', form);
    expect(posted.headers.location).toMatch(/^\/console\/home\?region=us-east-1&/);
  });

  test('F5 the session lasts SessionDuration where there is one', async () => {
    const answer = await login(await tokenFor({ SessionDuration: '43200' }));
    const open = (): Promise<RawAnswer> =>
      rawRequest(aws.url, { path: '/console/home', headers: { cookie: cookieOf(answer) } });
    aws.setClockOffset(43_199);
    expect((await open()).status).toBe(200);
    aws.setClockOffset(43_200);
    expect((await open()).status).toBe(401);
  });

  test('F6 a token lives 15 minutes', async () => {
    const token = await tokenFor();
    aws.setClockOffset(899);
    expect((await login(token)).status).toBe(302);
    aws.setClockOffset(900);
    const late = await login(token);
    expect(late.status).toBe(400);
    expect(late.body).toContain('The credentials in your login link were invalid. Please contact your administrator.');
  });

  test('F6 an unknown token is refused, before the destination is looked at', async () => {
    const { status, body } = await login('unknown', { Destination: 'https://evil.example/' });
    expect([status, body.includes('credentials in your login link')]).toEqual([400, true]);
  });

  test('F6 a token works on the regional host that issued it, on no other', async () => {
    const host = (region: string): Members => ({ host: `${region}.signin.aws.amazon.com` });
    const token = await tokenFor({}, host('eu-west-1'));
    expect((await login(token, {}, host('us-east-1'))).status).toBe(400);
    expect((await login(token, {}, { host: 'signin.aws.amazon.com' })).status).toBe(400);
    expect((await login(token, {}, host('eu-west-1'))).status).toBe(302);
  });

  const destinations: readonly (readonly [string, number])[] = [
    ['', 400],
    ['https://evil.example/', 400],
    ['https://console.aws.amazon.com.evil.example/', 400],
    ['https://evil.example/https://console.aws.amazon.com/', 400],
    ['https://evil.console.aws.amazon.com/', 400],
    ['https://signin.aws.amazon.com/', 400],
    ['http://console.aws.amazon.com/', 400],
    ['https://user@console.aws.amazon.com/', 400],
    ['https://console.aws.amazon.com:8443/', 400],
    ['https://console.amazonaws.cn/', 400],
    ['javascript:alert(1)//console.aws.amazon.com', 400],
    ['https://console.aws.amazon.com/', 302],
    ['https://us-gov-west-1.console.aws.amazon.com/console/home', 302],
  ];
  for (const [destination, status] of destinations) {
    test(`F7 ${destination || 'no Destination'} is ${status === 302 ? 'allowed' : 'refused'}`, async () => {
      expect((await login(await tokenFor(), { Destination: destination })).status).toBe(status);
    });
  }

  test('F12 a token may be used again, unless told otherwise', async () => {
    const token = await tokenFor();
    expect([(await login(token)).status, (await login(token)).status]).toEqual([302, 302]);
  });
});
