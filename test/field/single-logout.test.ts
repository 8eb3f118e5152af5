// Single logout as products do it: a NameID that is written another way than in the assertion, and answers without
// RelayState.
import { describe, expect, test } from 'vitest';
import type { ResponseOverrides } from '../../emulators/adfs/types.ts';
import { type Browser, type TestApp, useApp } from '../http/support/app.ts';
import {
  answerTo,
  isAlive,
  nameIdOf,
  readSent,
  redirect,
  requestFor,
  sessionIndexes,
  signedIn,
  signOut,
} from '../http/support/slo.ts';

const createApp = useApp();
const format = (name: string) => `urn:oasis:names:tc:SAML:1.1:nameid-format:${name}`;
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const email = format('emailAddress');

async function signedInAs(app: TestApp, nameId: { value: string; format: string }): Promise<Browser> {
  const browser = app.browser();
  const overrides: ResponseOverrides = { nameId, sessionIndex: '_one' };
  await browser.answer(await browser.startLogin(), 'alice', overrides);
  expect(await isAlive(browser)).toBe(true);
  return browser;
}

const nameId = (value: string, attributes = '') =>
  `<NameID xmlns="urn:oasis:names:tc:SAML:2.0:assertion"${attributes}>${value}</NameID>`;
const of = (name: string) => ` Format="${name}"`;
const alice = 'alice@corp.example';

async function logOut(app: TestApp, parts: Parameters<typeof requestFor>[1]): Promise<string> {
  const answer = await redirect(app, app.browser(), requestFor(app, parts));
  const { xml } = readSent(app, answer.get('Location')!, 'SAMLResponse');
  return /StatusCode Value="[^"]*:(\w+)"/.exec(xml)![1]!;
}

describe('a NameID is recognised although the request writes it', () => {
  const [windows, x509] = [format('WindowsDomainQualifiedName'), format('X509SubjectName')];
  const kerberos = 'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos';
  const rows: readonly (readonly [string, string, string, string?])[] = [
    ['without Format', email, nameId(alice)],
    ['as unspecified', email, nameId(alice, of(format('unspecified')))],
    ['with a Format that the assertion left open', format('unspecified'), nameId(alice, of(email))],
    ['in another case', email, nameId('Alice@Corp.Example', of(email))],
    ['with an empty Format', email, nameId(alice, ' Format=""')],
    ['with white space around the Format', email, nameId(alice, of(` ${email}\n`))],
    ['with the Format under 2.0', email, nameId(alice, of(email.replace('1.1', '2.0')))],
    ['as unspecified under 2.0', email, nameId(alice, of(format('unspecified').replace('1.1', '2.0')))],
    ['with empty qualifiers', email, nameId(alice, `${of(email)} NameQualifier="" SPNameQualifier=""`)],
    ['as a name of a Windows domain', windows, nameId('corp\\ALICE', of(windows.replace('1.1', '2.0'))), 'CORP\\alice'],
    ['as Kerberos principal', kerberos, nameId('alice@CORP.EXAMPLE', of(kerberos))],
    ['as subject of a certificate', x509, nameId('cn=alice, o=corp', of(x509)), 'CN=alice, O=Corp'],
    ['in another normal form', email, nameId('a\u0308lice@corp.example', of(email)), '\u00e4lice@corp.example'],
    ['with white space', email, nameId(`\n  ${alice}\n`, of(email))],
    ['with the qualifiers of the identity provider', email, nameId(alice, `${of(email)} NameQualifier="IDP"`)],
  ];
  for (const [name, ours, theirs, value = alice] of rows) {
    for (const indexes of [sessionIndexes('_one'), '']) {
      test(`${name}, ${indexes === '' ? 'without' : 'with'} SessionIndex`, async () => {
        const app = await createApp();
        const browser = await signedInAs(app, { value, format: ours });
        const asked = theirs.replace('"IDP"', `"${app.adfs.entityId}"`);
        expect(await logOut(app, { nameId: asked, sessionIndexes: indexes })).toBe('Success');
        expect(await isAlive(browser)).toBe(false);
        expect(app.audit.lines().at(-1)).toMatchObject({ event: 'logout_requested', sessionsEnded: 1 });
      });
    }
  }
});

describe('a session that the request did not match goes on: no Success, and a warning with both NameIDs', () => {
  const rows: readonly (readonly [string, { value: string; format: string }, string, string])[] = [
    ['another Format', { value: alice, format: email }, nameId(alice, of(persistent)), '_one'],
    ['an opaque value in another case', { value: 'AbC', format: persistent }, nameId('aBc', of(persistent)), '_one'],
    ['another NameQualifier', { value: alice, format: email }, nameId(alice, ' NameQualifier="urn:other"'), '_one'],
    ['another SPNameQualifier', { value: alice, format: email }, nameId(alice, ' SPNameQualifier="urn:other"'), '_one'],
    ['another SessionIndex', { value: alice, format: email }, nameId(alice, of(email)), '_two'],
  ];
  for (const [name, ours, theirs, index] of rows) {
    test(name, async () => {
      const app = await createApp();
      const browser = await signedInAs(app, ours);
      expect(await logOut(app, { nameId: theirs, sessionIndexes: sessionIndexes(index) })).toBe('Responder');
      expect(await isAlive(browser)).toBe(true);
      expect(app.audit.lines().at(-1)).toMatchObject({ sessionsEnded: 0, unmatchedSessions: 1 });
      const warning = app.log.lines().find(({ msg }) => msg === 'a LogoutRequest matches no session of its NameID');
      expect(warning).toMatchObject({
        idp: 'adfs',
        received: { nameId: expect.stringMatching(/^"/), format: expect.any(String), sessionIndexes: [`"${index}"`] },
        sessions: [{ nameId: `"${ours.value}"`, format: `"${ours.format}"`, sessionIndex: '"_one"' }],
      });
    });
  }
});

describe('a person without a session is signed out: Success', () => {
  test('who never signed in here', async () => {
    expect(await logOut(await createApp(), { nameId: nameIdOf('carol') })).toBe('Success');
  });

  test('whose session of this SessionIndex has ended already, although another one goes on', async () => {
    const app = await createApp();
    const [one, two] = [await signedIn(app, 'alice', '_one'), await signedIn(app, 'alice', '_two')];
    await one.postForm('/logout', {});
    expect(await logOut(app, { sessionIndexes: sessionIndexes('_two') })).toBe('Success');
    expect(await isAlive(two)).toBe(false);
    expect(await logOut(app, { message: { ID: '_later' }, sessionIndexes: sessionIndexes('_two') })).toBe('Success');
  });
});

describe('an answer to our LogoutRequest without RelayState', () => {
  test.each([{}, { relayState: '' }])('finds its sign-out by InResponseTo (%j)', async (options) => {
    const app = await createApp();
    const browser = await signedIn(app, 'alice', '_one');
    const asked = await signOut(app, browser);
    const answered = await redirect(app, browser, answerTo(app, asked), options);
    expect(answered.get('Location')).toBe('/signed-out');
    const again = await redirect(app, browser, answerTo(app, asked), options);
    expect(again.status).toBe(403);
  });

  test('in another browser it finds nothing', async () => {
    const app = await createApp();
    const asked = await signOut(app, await signedIn(app, 'alice', '_one'));
    expect((await redirect(app, app.browser(), answerTo(app, asked))).status).toBe(403);
  });
});
