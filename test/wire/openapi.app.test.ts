// The OpenAPI document against the running API: every answer matches its promise.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { consoleUrl, credentials, me, preferences, problem, roles } from '../../src/wire/api.ts';
import { openApiDocument } from '../../src/wire/openapi.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { signIn } from '../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';

let demo: TestDemo;
let browser: HttpBrowser;

beforeAll(async () => {
  demo = await startTestDemo();
  browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, 'bob');
});

afterAll(async () => {
  browser?.close();
  await demo?.close();
});

test('the document is served without a session, and is the one that is made from the schemas', async () => {
  const answer = await fetch(`${demo.brokerUrl}/api/v1/openapi.json`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(demo.brokerUrl))));
});

test('every reference leads to a schema, and every operation has a unique id', () => {
  const document = openApiDocument('https://rolegate.corp.example');
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]!);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !(name in document.components.schemas))).toEqual([]);
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(document.components.securitySchemes.session.name).toBe('__Host-rolegate');
});

const roleArn = 'arn:aws:iam::111122223333:role/ReadOnly';
const answers: { name: string; method: string; path: string; body?: unknown; schema: z.ZodType; status: number }[] = [
  { name: 'me', method: 'GET', path: '/api/v1/me', schema: me, status: 200 },
  { name: 'roles', method: 'GET', path: '/api/v1/roles', schema: roles, status: 200 },
  {
    name: 'some roles',
    method: 'GET',
    path: '/api/v1/roles?q=pay%20read&account=payments-prod&environment=production&role=ReadOnly',
    schema: roles,
    status: 200,
  },
  { name: 'an unknown filter', method: 'GET', path: '/api/v1/roles?color=red', schema: problem, status: 400 },
  {
    name: 'credentials',
    method: 'POST',
    path: '/api/v1/credentials',
    body: { roleArn },
    schema: credentials,
    status: 200,
  },
  {
    name: 'console URL',
    method: 'POST',
    path: '/api/v1/console-url',
    body: { roleArn },
    schema: consoleUrl,
    status: 200,
  },
  { name: 'preferences', method: 'GET', path: '/api/v1/preferences', schema: preferences, status: 200 },
  {
    name: 'favourites',
    method: 'PUT',
    path: '/api/v1/preferences/favourites',
    body: { favourites: [roleArn] },
    schema: preferences,
    status: 200,
  },
  { name: 'a refusal', method: 'POST', path: '/api/v1/credentials', body: {}, schema: problem, status: 400 },
];

for (const { name, method, path, body, schema, status } of answers) {
  test(`the answer for ${name} fits its schema exactly`, async () => {
    const answer = await browser.json(method, demo.brokerUrl + path, body);
    expect(answer.status).toBe(status);
    expect(schema.safeParse(answer.json()).error).toBeUndefined();
  });
}

const consoleUrlOf = async (wish: object) => {
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/console-url`, { roleArn, ...wish });
  return { status: answer.status, url: new URL((answer.json() as { url?: string }).url ?? 'http://refused.invalid') };
};

test('a console URL leads to a service in a region', async () => {
  const { status, url } = await consoleUrlOf({ service: 's3', region: 'eu-central-1' });
  expect(status).toBe(200);
  expect(url.searchParams.get('Destination')).toBe(
    'https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1',
  );
});

test('a console URL signs out first where that is asked for, and goes on to the same place', async () => {
  const { status, url } = await consoleUrlOf({ signOutFirst: true, destination: '/ec2/home' });
  expect(status).toBe(200);
  expect(url.pathname).toBe('/oauth');
  expect(url.searchParams.get('Action')).toBe('logout');
  expect(url.searchParams.get('redirect_uri')).toContain('Destination=');
  expect((await consoleUrlOf({ signOutFirst: false, destination: '/ec2/home' })).url.searchParams.get('Action')).toBe(
    'login',
  );
});

test.each([
  [{ service: 'nothing' }],
  [{ service: 'constructor' }],
  [{ service: 's3', destination: '/s3/home' }],
  [{ service: 's3', region: 'cn-north-1' }],
  [{ region: 'eu-west-1.evil.example' }],
  [{ signOutFirst: 'yes' }],
  [{ sign_out_first: true }],
])('a console URL that leads nowhere is refused: %j', async (wish) => {
  expect((await consoleUrlOf(wish)).status).toBe(400);
});

test('the parameters of the document are those that the list of roles takes', () => {
  const { parameters } = openApiDocument('https://rolegate.corp.example').paths['/api/v1/roles'].get;
  expect(parameters.map(({ name }) => name)).toEqual(['q', 'account', 'environment', 'role']);
  expect(parameters.every((each) => each.in === 'query' && !each.required && each.description !== undefined)).toBe(
    true,
  );
});

test('the fields of the contract are always there, and those that came later are sent as well', async () => {
  const answer = await browser.json('GET', `${demo.brokerUrl}/api/v1/roles`);
  expect(answer.json()).toEqual({
    roles: [
      {
        roleArn,
        accountId: '111122223333',
        accountAlias: 'payments-prod',
        accountName: 'Payments Production',
        environment: 'production',
        roleName: 'ReadOnly',
        maxDurationSeconds: 7200,
        rule: 'auditors',
        stepUp: null,
        accountLabels: ['payments', 'pci'],
        accountOwner: 'payments-team@corp.example',
        description: 'Look, do not touch.',
        region: 'eu-west-1',
        consoleUrl: `${demo.brokerUrl}/console?role=111122223333/ReadOnly`,
        consoleOnly: false,
      },
    ],
  });
});
