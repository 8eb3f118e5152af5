import { describe, expect, test } from 'vitest';
import type { ResponseOverrides } from '../../../emulators/adfs/server.ts';
import { type Browser, baseUrl, encode, type Started, type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const form = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' };

/** The fields that the identity provider's page would post. */
function fieldsFor({ adfs }: TestApp, { requestId, relayState }: Started, overrides: ResponseOverrides = {}) {
  const relyingParty = `${baseUrl}/saml/metadata`;
  const SAMLResponse = adfs.issueResponse({ username: 'alice', relyingParty, inResponseTo: requestId, overrides });
  return { SAMLResponse, RelayState: relayState };
}

const post = (browser: Browser, body: string, headers: Record<string, string> = form) =>
  browser.send('POST', '/saml/acs', { headers, body });

/** One generic page, no session, and the exact reason in the audit trail only. */
async function expectRefusal(app: TestApp, browser: Browser, body: string, reason: string) {
  const before = app.audit.lines().length;
  const answer = await post(browser, body);
  expect(answer.status).toBe(403);
  expect(answer.text).toContain('The sign-in could not be completed');
  expect(answer.text).not.toMatch(new RegExp(`\\b(${reason}|RelayState|SAMLResponse|pending)\\b`));
  expect(answer.text).not.toMatch(/http-equiv|<script(?! src="\/assets\/)/);
  expect(app.audit.lines().slice(before)).toMatchObject([
    { event: 'sign_in_refused', code: 'saml_refused', reason, requestId: answer.get('X-Request-Id') },
  ]);
  expect((await browser.get('/api/v1/me')).status).toBe(401);
}

describe('the AssertionConsumerService refuses', () => {
  interface Row {
    readonly name: string;
    readonly body: (fields: { SAMLResponse: string; RelayState: string }) => string;
    readonly reason: string;
    readonly prepare?: (browser: Browser) => void;
  }
  const rows: readonly Row[] = [
    {
      name: 'a browser without our cookie',
      body: encode,
      prepare: (browser) => browser.cookies.clear(),
      reason: 'correlation',
    },
    {
      name: 'a browser with another one’s cookie',
      body: encode,
      prepare: (browser) => browser.cookies.set('rolegate-login', 'x'.repeat(43)),
      reason: 'correlation',
    },
    {
      name: 'a form without RelayState',
      body: ({ SAMLResponse }) => encode({ SAMLResponse }),
      reason: 'correlation',
    },
    {
      name: 'another RelayState',
      body: (fields) => encode({ ...fields, RelayState: 'x'.repeat(43) }),
      reason: 'correlation',
    },
    {
      name: 'an empty RelayState',
      body: (fields) => encode({ ...fields, RelayState: '' }),
      reason: 'correlation',
    },
    {
      name: 'a form without SAMLResponse',
      body: ({ RelayState }) => encode({ RelayState }),
      reason: 'malformed',
    },
    { name: 'an empty form', body: () => '', reason: 'malformed' },
    {
      name: 'two SAMLResponses',
      body: (fields) => `${encode(fields)}&SAMLResponse=${encodeURIComponent(fields.SAMLResponse)}`,
      reason: 'malformed',
    },
    {
      name: 'two RelayStates',
      body: (fields) => `${encode(fields)}&RelayState=${fields.RelayState}`,
      reason: 'malformed',
    },
    {
      name: 'names with brackets',
      body: ({ SAMLResponse, RelayState }) => encode({ 'SAMLResponse[0]': SAMLResponse, RelayState }),
      reason: 'malformed',
    },
    {
      name: 'what is not base64',
      body: (fields) => encode({ ...fields, SAMLResponse: '<samlp:Response/>' }),
      reason: 'malformed',
    },
    {
      name: 'more than ten fields',
      body: (fields) => `${'a=1&'.repeat(10)}${encode(fields)}`,
      reason: 'too_large',
    },
    {
      name: 'more than 512 KB',
      body: (fields) => encode({ ...fields, SAMLResponse: 'A'.repeat(600_000) }),
      reason: 'too_large',
    },
  ];
  test.each(rows)('$name', async ({ body, reason, prepare }) => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    const fields = fieldsFor(app, started);
    prepare?.(alice);
    await expectRefusal(app, alice, body(fields), reason);
  });

  test.each<[string, ResponseOverrides, string]>([
    [
      'an answer to another request',
      { confirmationInResponseTo: '_other', responseInResponseTo: '_other' },
      'correlation',
    ],
    ['another audience', { audiences: ['https://other.example'] }, 'audience'],
    ['another recipient', { recipient: 'https://other.example/acs' }, 'recipient'],
    ['another destination', { destination: 'https://other.example/acs' }, 'destination'],
    ['no signature', { signature: 'None' }, 'signature'],
    ['a failed status', { statusCodes: ['urn:oasis:names:tc:SAML:2.0:status:Responder'] }, 'status'],
    ['no user attribute', { claims: { 'http://schemas.xmlsoap.org/claims/Group': ['a'] } }, 'attributes'],
  ])('%s', async (_, overrides, reason) => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    await expectRefusal(app, alice, encode(fieldsFor(app, started, overrides)), reason);
    // Nothing that was refused has used up the pending login.
    expect((await alice.answer(started, 'alice')).status).toBe(303);
  });

  test('a form of another type', async () => {
    const app = await createApp();
    const alice = app.browser();
    const fields = fieldsFor(app, await alice.startLogin());
    const json = { 'Content-Type': 'application/json', Accept: 'text/html' };
    expect((await post(alice, JSON.stringify(fields), json)).status).toBe(403);
    expect(app.audit.lines()).toMatchObject([{ event: 'sign_in_refused', reason: 'malformed' }]);
  });

  test('the same answer twice', async () => {
    const app = await createApp();
    const alice = app.browser();
    const fields = fieldsFor(app, await alice.startLogin());
    expect((await post(alice, encode(fields))).status).toBe(303);
    alice.cookies.delete('rolegate');
    await expectRefusal(app, alice, encode(fields), 'correlation');
  });

  test('one assertion for two pending logins', async () => {
    const app = await createApp();
    const alice = app.browser();
    const [one, other] = [await alice.startLogin(), await alice.startLogin()];
    expect((await post(alice, encode(fieldsFor(app, one, { assertionId: '_same' })))).status).toBe(303);
    alice.cookies.delete('rolegate');
    await expectRefusal(app, alice, encode(fieldsFor(app, other, { assertionId: '_same' })), 'replay');
  });

  test('49 of 50 that post the same answer at once', async () => {
    const app = await createApp();
    const alice = app.browser();
    const body = encode(fieldsFor(app, await alice.startLogin()));
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(alice, body)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(49);
    expect(app.audit.lines().filter((line) => line['event'] === 'sign_in')).toHaveLength(1);
  });

  test('an answer that comes after ten minutes', async () => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    app.clock.advance(10 * 60_000);
    await expectRefusal(app, alice, encode(fieldsFor(app, started)), 'correlation');
  });
});

describe('a pending login', () => {
  const bad = (app: TestApp, started: Started, overrides: ResponseOverrides = {}) =>
    fieldsFor(app, started, { audiences: ['https://other.example'], ...overrides });

  test('outlives four signed answers that are refused', async () => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    for (let attempt = 0; attempt < 4; attempt++) {
      await expectRefusal(app, alice, encode(bad(app, started)), 'audience');
    }
    expect((await alice.answer(started, 'alice')).status).toBe(303);
  });

  test('ends with the fifth', async () => {
    const app = await createApp();
    const alice = app.browser();
    const [started, other] = [await alice.startLogin(), await alice.startLogin()];
    for (let attempt = 0; attempt < 5; attempt++) {
      await expectRefusal(app, alice, encode(bad(app, started)), 'audience');
    }
    await expectRefusal(app, alice, encode(fieldsFor(app, started)), 'correlation');
    expect((await alice.answer(other, 'alice')).status).toBe(303);
  });

  test('ends with five at once, also with Signatures of a stranger', async () => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    const { SAMLResponse, RelayState } = fieldsFor(app, started);
    const xml = Buffer.from(SAMLResponse, 'base64').toString().replace('CORP\\Engineers', 'CORP\\Owners');
    const body = encode({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState });
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(alice, body)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(app.audit.lines().map((line) => line['reason'])).toEqual(answers.map(() => 'signature'));
    await expectRefusal(app, alice, encode(fieldsFor(app, started)), 'correlation');
  });

  test.each<[string, ResponseOverrides]>([
    ['that answer another request', { confirmationInResponseTo: '_other', responseInResponseTo: '_other' }],
    ['that name no request', { responseInResponseTo: null }],
    ['without a Signature', { signature: 'None' }],
    ['with a failed status', { statusCodes: ['urn:oasis:names:tc:SAML:2.0:status:Responder'] }],
  ])('is not used up by answers %s', async (_, overrides) => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    for (let attempt = 0; attempt < 7; attempt++) await post(alice, encode(bad(app, started, overrides)));
    expect(app.audit.lines()).toHaveLength(7);
    expect((await alice.answer(started, 'alice')).status).toBe(303);
  });

  test('is not used up by answers that another browser posts, or with another RelayState', async () => {
    const app = await createApp();
    const [alice, stranger] = [app.browser(), app.browser()];
    const started = await alice.startLogin();
    const fields = bad(app, started);
    await stranger.startLogin();
    for (let attempt = 0; attempt < 6; attempt++) {
      await post(stranger, encode(fields));
      await post(alice, encode({ ...fields, RelayState: 'x'.repeat(43) }));
    }
    expect((await alice.answer(started, 'alice')).status).toBe(303);
  });
});

describe('audit records', () => {
  test('needs no Origin: the identity provider posts from its own site', async () => {
    const app = await createApp();
    const alice = app.browser();
    const fields = fieldsFor(app, await alice.startLogin());
    expect((await post(alice, encode(fields), { ...form, Origin: 'null' })).status).toBe(303);
  });

  test('holds no message, cookie, RelayState or group, neither in the log nor in the audit trail', async () => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin('?return_to=/console%3Fdestination=/s3/secret-bucket');
    const fields = fieldsFor(app, started);
    await post(alice, encode({ ...fields, RelayState: 'other' }));
    await post(alice, encode(fields));
    await alice.get('/api/v1/roles');
    await alice.postForm('/logout', {});
    const written = `${app.log.text()}${app.audit.text()}`;
    expect(written.split('\n').length).toBeGreaterThan(6);
    const secrets = [
      fields.SAMLResponse.slice(0, 60),
      fields.RelayState,
      ...alice.cookies.values(),
      decodeURIComponent(alice.cookies.get('rolegate') ?? '').split('.')[0]!,
      'CORP\\\\Engineers',
      'CORP\\Engineers',
      'secret-bucket',
      app.config.session.secrets[0]!,
    ];
    for (const secret of secrets) expect(written.includes(secret), secret).toBe(false);
  });

  test('says for a refused sign-in why, with the request id of the page', async () => {
    const app = await createApp();
    const alice = app.browser();
    const answer = await post(alice, encode(fieldsFor(app, await alice.startLogin(), { recipient: null })));
    const id = answer.get('X-Request-Id')!;
    expect(answer.text).toContain(id);
    expect(app.log.lines().find((line) => line['requestId'] === id)).toMatchObject({
      level: 'warn',
      code: 'saml_refused',
      reason: 'recipient',
    });
    expect(app.audit.lines()).toMatchObject([
      { event: 'sign_in_refused', idp: 'adfs', reason: 'recipient', requestId: id, sourceIp: expect.any(String) },
    ]);
  });
});
