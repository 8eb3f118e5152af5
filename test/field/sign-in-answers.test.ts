// What identity providers do with what they were asked for: they pass over a step-up, answer from an old session with the
// moment of the answer, say that the person cancelled, or end the session before it began.
import { describe, expect, test } from 'vitest';
import type { Raw } from '../config/support/workplace.ts';
import { type TestApp, useApp } from '../http/support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const admin = 'arn:aws:iam::111122223333:role/Admin';
const resume = `/?${new URLSearchParams({ resume: 'credentials', role: admin })}`;
const urn = 'urn:oasis:names:tc:SAML:2.0:';
const status = (name: string) => `${urn}status:${name}`;
const last = ({ audit }: TestApp, event: string) => audit.lines().findLast((line) => line['event'] === event);
const withIdp = (settings: object, require: object) => (raw: Raw) => {
  const [idp] = raw['identityProviders'] as Raw[];
  const [engineers, administrators] = raw['rules'] as { grant: Raw }[];
  const grant = { ...administrators!.grant, require };
  return {
    ...raw,
    identityProviders: [{ ...idp, ...settings }],
    rules: [engineers, { ...administrators, grant }],
  };
};

describe('a step-up that the identity provider passes over', () => {
  const ignored = async () => {
    const app = await createApp();
    const alice = app.browser();
    await alice.signIn('alice');
    const started = await alice.startLogin(
      `?step_up=${encodeURIComponent(admin)}&return_to=${encodeURIComponent(resume)}`,
    );
    const answered = await alice.answer(started, 'alice');
    return { app, alice, next: String(answered.get('Location')) };
  };
  const record = {
    event: 'role_refused',
    code: 'step_up_required',
    roleArn: admin,
    received: `"${urn}ac:classes:PasswordProtectedTransport"`,
    expected: expect.stringContaining('multipleauthn'),
  };

  test('leads to a page that says so, with no way back to the identity provider by itself', async () => {
    const { app, alice, next } = await ignored();
    const page = await alice.get(next, accept);
    expect(page.status).toBe(403);
    expect(page.text).toContain('MFA was not confirmed');
    expect(page.text).toContain('PasswordProtectedTransport');
    expect(page.text).not.toMatch(/http-equiv="refresh"|data-posts-itself/);
    expect(last(app, 'role_refused')).toMatchObject(record);
    expect(app.log.lines().find((line) => line['roleArn'] === admin)).toMatchObject({
      msg: expect.stringContaining('did not confirm'),
      received: record.received,
    });
  });

  test.each([
    ['console', '/portal/console'],
    ['credentials', '/portal/credentials'],
  ])('the form for %s says the same', async (_, path) => {
    const { app, alice } = await ignored();
    const page = await alice.postForm(path, { roleArn: admin });
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('MFA was not confirmed')]);
    expect(last(app, 'role_refused')).toMatchObject(record);
  });

  test('a link to the console says the same', async () => {
    const { alice } = await ignored();
    const page = await alice.get('/console?role=payments-prod/Admin', accept);
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('MFA was not confirmed')]);
  });

  test('one that was honoured leads to the role', async () => {
    const { alice } = await createApp().then(async (app) => ({ alice: app.browser() }));
    await alice.signIn('alice');
    const started = await alice.startLogin(`?step_up=${encodeURIComponent(admin)}`);
    const authnContextClassRef = 'http://schemas.microsoft.com/claims/multipleauthn';
    await alice.answer(started, 'alice', { authnContextClassRef });
    expect((await alice.get(resume, accept)).status).toBe(200);
  });
});

describe('AuthnInstant', () => {
  const age = { maxAuthenticationAge: '15m' };
  const stepUpOf = async (settings: object, query: string) => {
    const alice = (await createApp(withIdp(settings, age))).browser();
    await alice.signIn('alice', query);
    const { body } = await alice.get('/api/v1/roles');
    return (body.roles as { roleArn: string; stepUp: object | null }[]).find(({ roleArn }) => roleArn === admin)
      ?.stepUp;
  };

  test('is the moment of the answer for all we know: no rule counts it as a recent sign-in', async () => {
    expect(await stepUpOf({ trustAuthnInstant: undefined }, '')).toEqual({ reason: 'authentication_age' });
  });
  test('counts where the configuration vouches for it', async () => {
    expect(await stepUpOf({ trustAuthnInstant: true }, '')).toBeNull();
  });
  test('counts after our ForceAuthn', async () => {
    expect(await stepUpOf({ trustAuthnInstant: undefined }, '?fresh=yes')).toBeNull();
  });

  test('an old one does not answer ForceAuthn', async () => {
    const app = await createApp(withIdp({}, age));
    const alice = app.browser();
    const started = await alice.startLogin('?fresh=yes');
    const authnInstant = new Date(app.clock.now().getTime() - 3_600_000);
    expect((await alice.answer(started, 'alice', { authnInstant })).status).toBe(403);
    expect(last(app, 'sign_in_refused')).toMatchObject({ reason: 'authn_context' });
  });

  test('asks administrators once for a sign-in, and then lets them in', async () => {
    const withAdmins = (raw: Raw) => ({
      ...withIdp({ trustAuthnInstant: undefined }, age)(raw),
      portal: { administrators: ['CORP\\Admins'] },
    });
    const alice = (await createApp(withAdmins)).browser();
    await alice.signIn('alice');
    const asked = await alice.get('/admin/refusals', accept);
    expect(asked.get('Location')).toMatch(/^\/login\?step_up=administration/);
    await alice.answer(await alice.startLogin(String(asked.get('Location')).slice('/login'.length)), 'alice');
    expect((await alice.get('/admin/refusals', accept)).status).toBe(200);
  });
});

describe('a sign-in that was not completed at the identity provider', () => {
  const rows: readonly (readonly [string, readonly string[], string, string])[] = [
    ['Keycloak, Shibboleth', ['Responder', 'RequestDenied'], 'sign_in_cancelled', 'You did not sign in'],
    ['SPID, PingFederate', ['Responder', 'AuthnFailed'], 'sign_in_cancelled', 'You did not sign in'],
    ['ForgeRock', ['Requester', 'RequestDenied'], 'sign_in_cancelled', 'You did not sign in'],
    ['at the top', ['AuthnFailed'], 'sign_in_cancelled', 'You did not sign in'],
    ['no such context', ['Responder', 'NoAuthnContext'], 'step_up_refused', 'MFA is not available'],
    ['a fault there', ['Responder'], 'saml_refused', 'The sign-in could not be completed'],
    ['a request that it does not take', ['Requester', 'RequestUnsupported'], 'saml_refused', 'could not be completed'],
  ];
  test.each(rows)('%s (%j): %s', async (_, names, code, title) => {
    const app = await createApp();
    const alice = app.browser();
    const page = await alice.answer(await alice.startLogin(), 'alice', { statusCodes: names.map(status) });
    expect([page.status, page.text]).toEqual([403, expect.stringContaining(title)]);
    expect(page.text.includes('your administrators')).toBe(code !== 'sign_in_cancelled');
    const received = `"${names.join('/')}"`;
    expect(last(app, 'sign_in_refused')).toMatchObject({ code, reason: 'status', received });
  });
});

describe('a session end in the past', () => {
  test.each([-1, -30, -170, -3600])('%d s: a page, and no redirect that leads there again', async (seconds) => {
    const app = await createApp();
    const alice = app.browser();
    const sessionNotOnOrAfter = new Date(app.clock.now().getTime() + seconds * 1000);
    const page = await alice.answer(await alice.startLogin(), 'alice', { sessionNotOnOrAfter });
    expect([page.status, page.get('Location')]).toEqual([403, undefined]);
    expect(last(app, 'sign_in_refused')).toMatchObject({ reason: 'expired' });
  });
});

describe('a form', () => {
  test.each([
    'application/x-www-form-urlencoded; charset=ISO-8859-1',
    'application/x-www-form-urlencoded;charset=windows-1252',
    'application/x-www-form-urlencoded; charset="utf-16"',
    'Application/X-WWW-Form-URLEncoded; Charset=Shift_JIS',
    'application/x-www-form-urlencoded; charset=',
    'application/x-www-form-urlencoded ; charset=utf8',
    'application/x-www-form-urlencoded; charset=x-user-defined; x=y',
    'application/x-www-form-urlencoded;',
  ])('of %s is read', async (type) => {
    const app = await createApp();
    const alice = app.browser();
    const { requestId, relayState } = await alice.startLogin();
    const issue = { username: 'alice', relyingParty: 'http://127.0.0.1:8080/saml/metadata', inResponseTo: requestId };
    const body = new URLSearchParams({ SAMLResponse: app.adfs.issueResponse(issue), RelayState: relayState });
    const answer = await alice.send('POST', '/saml/acs', {
      headers: { 'Content-Type': type },
      body: body.toString(),
    });
    expect(answer.status).toBe(303);
  });
});
