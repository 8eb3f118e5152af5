// Rows F8 to F10 and the strict form of F12: what a browser that is already signed in meets, and how it gets out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, type AwsEmulatorOptions, startAws } from '../../../aws/server.ts';
import { cookieOf, getToken, newSession, openConsole } from '../support/console-browser.ts';
import { ACCOUNT, ISSUER, metadataFor, NOW, sampleEstate } from '../support/fixture.ts';
import { type RawAnswer, rawRequest } from '../support/raw-request.ts';

const OTHER = '444455556666';
let key: string;
let metadata: string;
let aws: AwsEmulator;

const start = (options: Partial<AwsEmulatorOptions> = {}): Promise<AwsEmulator> =>
  startAws({ now: () => NOW, estate: sampleEstate(metadata), ...options });
const tokenFor = async (emulator: AwsEmulator, account: string): Promise<string> =>
  getToken(emulator, { Session: await newSession(emulator, key, account) });

beforeAll(async () => {
  const pair = keyPair('minting');
  key = pair.key;
  metadata = metadataFor(ISSUER, [pair]);
  aws = await start();
});
afterAll(() => aws.close());

describe('a browser that is signed in', () => {
  test('F8 has to sign out before it enters another account', async () => {
    const cookie = cookieOf(await openConsole(aws, await tokenFor(aws, ACCOUNT)));
    const token = await tokenFor(aws, OTHER);
    const refusal = await openConsole(aws, token, {}, { cookie });
    expect(refusal.status).toBe(400);
    expect(refusal.body).toContain('You must first log out before logging into a different AWS account');
    expect(aws.events.at(-1)).toMatchObject({ eventName: 'ConsoleLogin', errorCode: 'other-account' });
    const out = await rawRequest(aws.url, { path: '/oauth?Action=logout', headers: { cookie } });
    expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await openConsole(aws, token, {}, { cookie })).status).toBe(302);
  });

  test('F8 may enter the same account again, and another once its session is over', async () => {
    const short = { Session: await newSession(aws, key, ACCOUNT), SessionDuration: '900' };
    const first = await openConsole(aws, await getToken(aws, short));
    const again = await openConsole(aws, await getToken(aws, short), {}, { cookie: cookieOf(first) });
    expect(again.status).toBe(302);
    const session = await newSession(aws, key, OTHER);
    const enterOther = async (offsetSeconds: number): Promise<number> => {
      aws.setClockOffset(offsetSeconds);
      const token = await getToken(aws, { Session: session });
      return (await openConsole(aws, token, {}, { cookie: cookieOf(again) })).status;
    };
    expect([await enterOther(899), await enterOther(900)]).toEqual([400, 302]);
    aws.setClockOffset(0);
  });

  test('F10 has up to five sessions where multi-session is on', async () => {
    const multi = await start({ multiSession: true });
    const first = await openConsole(multi, await tokenFor(multi, ACCOUNT));
    const second = await openConsole(multi, await tokenFor(multi, OTHER), {}, { cookie: cookieOf(first) });
    const headers = { cookie: cookieOf(second) };
    const show = async (path: string): Promise<string> => (await rawRequest(multi.url, { path, headers })).body;
    expect(await show('/console/home')).toContain('Payments Development');
    expect(await show(`/console/home?account=${ACCOUNT}`)).toContain('Payments Production');
    await multi.close();
  });

  test('F12 cannot use a token twice where tokens are for single use', async () => {
    const strict = await start({ signinTokenSingleUse: true });
    const token = await tokenFor(strict, ACCOUNT);
    expect((await openConsole(strict, token)).status).toBe(302);
    expect((await openConsole(strict, token)).status).toBe(400);
    await strict.close();
  });
});

describe('F9 logout', () => {
  const logout = (target: string, host: string): Promise<RawAnswer> =>
    rawRequest(aws.url, {
      path: `/oauth?${new URLSearchParams({ Action: 'logout', redirect_uri: target })}`,
      headers: { host },
    });

  test('follows redirect_uri to its own regional host', async () => {
    const target = 'https://us-east-1.signin.aws.amazon.com/federation?Action=login';
    expect((await logout(target, 'us-east-1.signin.aws.amazon.com')).headers.location).toBe(target);
  });

  test('follows it to itself on a local address', async () => {
    const target = `${aws.url}/federation?Action=login`;
    expect((await logout(target, new URL(aws.url).host)).headers.location).toBe(target);
  });

  test('ignores it on the bare host, and to any other host', async () => {
    const bare = 'signin.aws.amazon.com';
    expect((await logout(`https://${bare}/federation`, bare)).status).toBe(200);
    expect((await logout('https://evil.example/', 'us-east-1.signin.aws.amazon.com')).status).toBe(200);
  });
});
