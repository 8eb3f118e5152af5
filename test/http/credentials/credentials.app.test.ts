// The page of credentials as a browser without scripts has it, and what it and the API send to STS.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../../app/support/demo.ts';
import { signIn } from '../../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';

const developer = 'arn:aws:iam::444455556666:role/Developer';
const stagingDeveloper = 'arn:aws:iam::333344445555:role/Developer';
const hostile = `<script>alert("x")</script>`;
const readOnly = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*:Get*', Resource: '*' }] };

let demo: TestDemo;
let alice: HttpBrowser;

beforeAll(async () => {
  demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      portal: {
        sessionPolicies: [
          { id: 'read-only', label: 'Read-only', policy: readOnly },
          { id: 'hostile', label: hostile, policy: readOnly },
        ],
      },
    }),
  });
  alice = createHttpBrowser();
  await signIn(alice, demo.brokerUrl, 'alice');
});

afterAll(async () => {
  alice?.close();
  await demo?.close();
});

function ask(fields: Record<string, string>) {
  return alice.post(`${demo.brokerUrl}/portal/credentials`, { roleArn: developer, ...fields });
}

function askApi(fields: Record<string, unknown>) {
  return alice.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn: developer, ...fields });
}

function lastStsCall(): Readonly<Record<string, unknown>> {
  return demo.aws.events.findLast(({ eventName }) => eventName === 'AssumeRoleWithSAML')?.requestParameters ?? {};
}

/** Text of the element with this id. */
function textOf(body: string, id: string): string {
  const inner = new RegExp(`<(\\w+) id="${id}"[^>]*>([\\s\\S]*?)</\\1>`).exec(body)?.[2] ?? 'not there';
  return inner.replace(/<[^>]*>/g, '').trim();
}

const selected = (body: string, name: string) =>
  new RegExp(`<select name="${name}">[\\s\\S]*?</select>`).exec(body)?.[0].match(/value="([^"]*)" selected/)?.[1];

describe('how long credentials last', () => {
  const rows: [name: string, fields: Record<string, string>, seconds: string, length: string, clamped: RegExp][] = [
    ['nothing asked', {}, '28800', '8 h, limited by the rule', /^$/],
    ['the most', { durationSeconds: '' }, '28800', '8 h, limited by the rule', /^$/],
    ['15 minutes', { durationSeconds: '900' }, '900', '15 min, as requested', /^$/],
    ['an odd length', { durationSeconds: '5400' }, '5400', '1 h 30 min, as requested', /^$/],
    ['exactly what the rule allows', { durationSeconds: '28800' }, '28800', '8 h, as requested', /^$/],
    [
      'more than the rule allows',
      { durationSeconds: '36000' },
      '28800',
      '8 h, limited by the rule',
      /^Limited to 8 h by the rule\. You requested 10 h\.$/,
    ],
    [
      'more than the role allows',
      { roleArn: stagingDeveloper, durationSeconds: '14400' },
      '3600',
      '1 h, limited by the role’s maximum session duration',
      /^Limited to 1 h by the role’s maximum session duration\. You requested 4 h\.$/,
    ],
    [
      'nothing, where the role allows less than the rule',
      { roleArn: stagingDeveloper },
      '3600',
      '1 h, limited by the role’s maximum session duration',
      /^Limited to 1 h by the role’s maximum session duration\. You requested 8 h\.$/,
    ],
  ];
  test.each(rows)('is decided and said: %s', async (_, fields, seconds, length, clamped) => {
    const page = await ask(fields);
    expect(page.status).toBe(200);
    expect(lastStsCall()['durationSeconds']).toBe(seconds);
    expect(textOf(page.body, 'length')).toBe(length);
    expect(textOf(page.body, 'clamped')).toMatch(clamped);
  });

  test('offers lengths below what the rule allows, and that itself', async () => {
    const { body } = await ask({ durationSeconds: '3600' });
    const options = [...body.matchAll(/<option value="(\d*)"/g)].map(([, value]) => value);
    expect(options.slice(0, 4)).toEqual(['900', '3600', '14400', '']);
    expect(selected(body, 'durationSeconds')).toBe('3600');
  });

  test('keeps a length that no preset has', async () => {
    expect(selected((await ask({ durationSeconds: '5400' })).body, 'durationSeconds')).toBe('5400');
  });
});

describe('a session policy', () => {
  test('is chosen by its id, reaches STS whole, and is in the audit records', async () => {
    const page = await ask({ sessionPolicy: 'read-only' });
    expect(JSON.parse(String(lastStsCall()['policy']))).toEqual(readOnly);
    expect(textOf(page.body, 'limited')).toBe('This session is limited: Read-only.');
    expect(selected(page.body, 'sessionPolicy')).toBe('read-only');
    const records = demo.audit.slice(-2);
    expect(records.map(({ event, sessionPolicy }) => [event, sessionPolicy])).toEqual([
      ['credentials_requested', 'read-only'],
      ['credentials_issued', 'read-only'],
    ]);
    expect(JSON.stringify(records)).not.toContain('Statement');
  });

  test.each([{}, { sessionPolicy: '' }])('is not there where none is chosen: %j', async (fields) => {
    const page = await ask(fields as Record<string, string>);
    expect(page.status).toBe(200);
    expect(lastStsCall()['policy']).toBeUndefined();
    expect(textOf(page.body, 'limited')).toBe('');
    expect(demo.audit.at(-1)).not.toHaveProperty('sessionPolicy');
  });

  test('never comes as text from a form', async () => {
    await ask({ policy: JSON.stringify(readOnly) });
    expect(lastStsCall()['policy']).toBeUndefined();
  });

  test('with a hostile label stays text', async () => {
    const { body } = await ask({ sessionPolicy: 'hostile' });
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&lt;script&gt;alert');
  });

  test('of the API is the same', async () => {
    const answer = await askApi({ sessionPolicy: 'read-only', durationSeconds: 900 });
    expect(answer.status).toBe(200);
    expect(JSON.parse(String(lastStsCall()['policy']))).toEqual(readOnly);
    expect(demo.audit.at(-1)).toMatchObject({ event: 'credentials_issued', sessionPolicy: 'read-only' });
  });
});

describe('invalid options', () => {
  const forms: Record<string, string>[] = [
    { durationSeconds: '899' },
    { durationSeconds: '129601' },
    { durationSeconds: '900.5' },
    { durationSeconds: 'long' },
    { durationSeconds: ' ' },
    { sessionPolicy: 'admin' },
    { sessionPolicy: 'constructor' },
    { sessionPolicy: JSON.stringify(readOnly) },
  ];
  test.each(forms)('is refused before STS: form %j', async (fields) => {
    const calls = demo.aws.events.length;
    expect((await ask(fields)).status).toBe(400);
    expect(demo.aws.events).toHaveLength(calls);
  });

  const bodies: Record<string, unknown>[] = [
    { sessionPolicy: 'admin' },
    { sessionPolicy: '' },
    { sessionPolicy: readOnly },
    { sessionPolicy: 'read-only', policy: JSON.stringify(readOnly) },
  ];
  test.each(bodies)('is refused before STS: API %j', async (fields) => {
    const calls = demo.aws.events.length;
    const answer = await askApi(fields);
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([400, 'bad_request']);
    expect(demo.aws.events).toHaveLength(calls);
  });
});

describe('without a script', () => {
  test('every form of the lines is there, and a form asks again', async () => {
    const page = await ask({ durationSeconds: '900', sessionPolicy: 'read-only' });
    const shells = [...page.body.matchAll(/<details data-shell="(\w+)"/g)].map(([, shell]) => shell);
    expect(shells).toEqual(['bash', 'fish', 'powershell', 'cmd', 'profile', 'config', 'env', 'json']);
    expect(page.body).toContain('[<span data-slot="profile">payments-dev-Developer</span>]');
    expect(textOf(page.body, 'lines-config').split('\n')).toEqual([
      '[profile payments-dev-Developer]',
      `credential_process = rolegate credential-process --broker ${demo.brokerUrl} --role ${developer}`,
      'region = eu-west-1',
    ]);
    expect(page.body).toContain(`<code>rolegate init ${demo.brokerUrl}</code>`);
    const again = await alice.submit(page, (form) => form.id === 'renew');
    expect(again.status).toBe(200);
    expect(textOf(again.body, 'length')).toBe('15 min, as requested');
    expect(textOf(again.body, 'limited')).toBe('This session is limited: Read-only.');
  });

  test('secrets are in elements that the style sheet covers with dots, wherever they are', async () => {
    const { body } = await ask({});
    const secret = /data-slot="secretAccessKey">([^<]+)</.exec(body)![1]!;
    const token = /data-slot="sessionToken">([^<]+)</.exec(body)![1]!;
    for (const value of [secret, token]) {
      const covered = body.split(/<span class="secret"><span data-slot="\w+">[^<]+<\/span><\/span>/).join('');
      expect(body).toContain(value);
      expect(covered).not.toContain(value);
    }
  });
});
