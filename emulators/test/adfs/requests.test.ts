// What the emulator refuses, and that each refusal has a twin that passes.
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttpBrowser, type HttpBrowser } from '../../../test/support/http-browser/http-browser.ts';
import type { Page } from '../../../test/support/http-browser/navigation.ts';
import { verifyWithXmlsec1 } from '../../../test/support/xmlsec1.ts';
import type { Adfs, RelyingPartyTrust } from '../../adfs/server.ts';
import {
  aliceCredentials,
  authnRequest,
  keys,
  party,
  postForm,
  type RequestFields,
  readPosted,
  redirectUrl,
  startFixture,
} from './fixture.ts';

let idp: Adfs;
let browser: HttpBrowser;

beforeEach(async () => {
  ({ idp } = await startFixture(keys));
  browser = createHttpBrowser();
});

afterEach(async () => {
  browser.close();
  await idp.close();
});

function trustWith(trust: Partial<RelyingPartyTrust>): void {
  idp.setRelyingParties([{ ...party, ...trust }]);
}

function expectError(page: Page, code: string, eventId: number): void {
  expect(page.status).toBe(400);
  expect(page.body).toContain(code);
  expect(page.forms).toEqual([]);
  expect(idp.events.at(-1)).toMatchObject({ type: 'error', code, eventId });
}

function expectLogin(page: Page): void {
  expect(page.status).toBe(200);
  expect(page.forms[0]?.fields.map(([name]) => name)).toEqual(
    expect.arrayContaining(['UserName', 'Password', 'AuthMethod']),
  );
}

describe('an AuthnRequest', () => {
  const refusals: { name: string; fields: RequestFields; code: string; eventId: number }[] = [
    { name: 'an unknown Issuer', fields: { issuer: 'urn:unknown' }, code: 'MSIS7012', eventId: 184 },
    {
      name: 'an Issuer in other case',
      fields: { issuer: party.entityId.toUpperCase() },
      code: 'MSIS7012',
      eventId: 184,
    },
    { name: 'another ACS URL', fields: { acsUrl: `${party.acsUrl}/` }, code: 'MSIS3200', eventId: 364 },
    {
      name: 'an unknown ACS index',
      fields: { acsUrl: null, attributes: 'AssertionConsumerServiceIndex="7"' },
      code: 'MSIS3200',
      eventId: 364,
    },
    { name: 'another Destination', fields: { destination: 'http://127.0.0.1:1/' }, code: 'MSIS7012', eventId: 364 },
    { name: 'SAML 1.1', fields: { version: '1.1' }, code: 'MSIS7012', eventId: 364 },
    { name: 'an ID that is no NCName', fields: { id: '1' }, code: 'MSIS7012', eventId: 364 },
    { name: 'an IssueInstant that is no time', fields: { issueInstant: 'now' }, code: 'MSIS7012', eventId: 364 },
    { name: 'a comment', fields: { content: '<!-- x -->' }, code: 'MSIS7012', eventId: 364 },
  ];
  for (const { name, fields, code, eventId } of refusals) {
    test(`with ${name} is refused on both bindings`, async () => {
      expectError(await browser.get(redirectUrl(idp, authnRequest(idp, fields))), code, eventId);
      expectError(await browser.post(idp.ssoUrl, postForm(authnRequest(idp, fields))), code, eventId);
    });
  }

  test('that AD FS accepts leads to the sign-in form on both bindings', async () => {
    expectLogin(await browser.get(redirectUrl(idp, authnRequest(idp))));
    expectLogin(await browser.get(redirectUrl(idp, authnRequest(idp, { acsUrl: null, destination: null }))));
    expectLogin(await browser.post(idp.ssoUrl, postForm(authnRequest(idp))));
  });

  test('in a document with a DTD is refused', async () => {
    const xml = `<!DOCTYPE x [<!ENTITY e "x">]>${authnRequest(idp)}`;
    expectError(await browser.get(redirectUrl(idp, xml)), 'MSIS7012', 364);
  });

  test('that inflates beyond the limit is refused', async () => {
    const bomb = deflateRawSync(Buffer.alloc(5_000_000, 'a')).toString('base64');
    const page = await browser.get(`${idp.ssoUrl}?SAMLRequest=${encodeURIComponent(bomb)}`);
    expectError(page, 'MSIS7012', 364);
  });

  test('that comes twice in the query is refused', async () => {
    const url = redirectUrl(idp, authnRequest(idp));
    expectError(await browser.get(`${url}&SAMLRequest=x`), 'MSIS7012', 364);
  });
});

describe('a request that cannot be met gets a signed Response that says why', () => {
  const context = (comparison: string, ...classes: string[]) =>
    `<samlp:RequestedAuthnContext Comparison="${comparison}">${classes
      .map((name) => `<saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef>`)
      .join('')}</samlp:RequestedAuthnContext>`;
  const windows = 'urn:federation:authentication:windows';
  const password = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
  const passive = { attributes: 'IsPassive="true"' };
  const persistent = { content: '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>' };

  const immediate = [
    { name: 'IsPassive without a session', fields: passive, codes: ['Responder', 'NoPassive'] },
    { name: 'IsPassive as 1', fields: { attributes: 'IsPassive="1"' }, codes: ['Responder', 'NoPassive'] },
    { name: 'an exact context it has not', fields: { content: context('exact', windows) }, codes: noContext() },
    {
      name: 'a context better than all',
      fields: { content: context('better', 'https://refeds.org/profile/mfa') },
      codes: noContext(),
    },
  ];
  for (const { name, fields, codes } of immediate) {
    test(`for ${name}`, async () => {
      const page = await browser.get(redirectUrl(idp, authnRequest(idp, fields), { relayState: 'relay' }));
      const posted = readPosted(page);
      expect(posted).toMatchObject({ action: party.acsUrl, relayState: 'relay', statusCodes: codes });
      expect(posted.root.attributes.get('InResponseTo')).toBe('_request');
      expect(posted.xml).not.toContain('<Assertion');
      await verifyWithXmlsec1(posted.xml, keys.signing.cert);
    });
  }

  const contexts = [
    { name: 'exact and known', content: context('exact', windows, password) },
    { name: 'minimum', content: context('minimum', password) },
    { name: 'maximum', content: context('maximum', 'https://refeds.org/profile/mfa') },
  ];
  for (const { name, content } of contexts) {
    test(`but a context that is ${name} leads to the form`, async () => {
      expectLogin(await browser.get(redirectUrl(idp, authnRequest(idp, { content }))));
    });
  }

  test('for a NameID format the trust does not issue, after the sign-in [MSIS7070]', async () => {
    const form = await browser.get(redirectUrl(idp, authnRequest(idp, persistent)));
    const refused = readPosted(await submitHere(form));
    expect(refused.statusCodes).toEqual(['Requester', 'InvalidNameIDPolicy']);
    await verifyWithXmlsec1(refused.xml, keys.signing.cert);
    expect(idp.events.at(-1)).toMatchObject({ code: 'MSIS7070', eventId: 321 });
    trustWith({ nameIdFormat: 'persistent' });
    expect(readPosted(await browser.get(redirectUrl(idp, authnRequest(idp, persistent)))).statusCodes).toEqual([
      'Success',
    ]);
  });

  function submitHere(form: Page): Promise<Page> {
    return browser.submit(form, 0, aliceCredentials);
  }

  function noContext(): string[] {
    return ['Responder', 'NoAuthnContext'];
  }
});

describe('paths', () => {
  test('without a SAML message or that AD FS does not have end on the error page [MSIS7065]', async () => {
    expectError(await browser.get(idp.ssoUrl), 'MSIS7065', 364);
    expectError(await browser.get(`${idp.url}/adfs/oauth2/authorize`), 'MSIS7065', 364);
  });

  test('do not depend on case', async () => {
    const { status } = await browser.get(`${idp.url}/federationmetadata/2007-06/federationmetadata.xml`);
    expect(status).toBe(200);
  });

  test('that get something else than a form, or too much of it, answer with an error', async () => {
    expect((await browser.json('POST', idp.ssoUrl, { SAMLRequest: 'x' })).status).toBe(400);
    expect((await browser.post(idp.ssoUrl, { SAMLRequest: 'A'.repeat(600_000) })).status).toBe(400);
  });
});
