// Sessions with a SessionIndex of the test's choice, and LogoutRequests from the identity provider about them.
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';
import type { Page } from '../../support/http-browser/navigation.ts';
import type { TestDemo } from './demo.ts';

/** A browser with a signed-in user; the IdP gave the session this index. */
export async function signInWith(demo: TestDemo, username: string, sessionIndex: string): Promise<HttpBrowser> {
  const browser = createHttpBrowser();
  const { searchParams, origin } = new URL((await browser.get(`${demo.brokerUrl}/login`)).url);
  const xml = inflateRawSync(Buffer.from(searchParams.get('SAMLRequest')!, 'base64')).toString();
  const SAMLResponse = demo.adfs.issueResponse({
    username,
    relyingParty: demo.config.serviceProvider.entityId,
    inResponseTo: / ID="([^"]+)"/.exec(xml)![1]!,
    overrides: { sessionIndex },
  });
  const fields = { SAMLResponse, RelayState: searchParams.get('RelayState')! };
  await browser.post(`${demo.brokerUrl}/saml/acs`, fields, { origin });
  return browser;
}

export async function isSignedIn(browser: HttpBrowser, { brokerUrl }: TestDemo): Promise<boolean> {
  return (await browser.json('GET', `${brokerUrl}/api/v1/me`)).status === 200;
}

/** The identity provider's signed LogoutRequest, by Redirect, in a separate browser. */
export async function requestLogout(demo: TestDemo, username: string, sessionIndex: string | undefined): Promise<Page> {
  const now = new Date();
  const xml =
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"' +
    ` ID="_${now.getTime()}${username}" Version="2.0" IssueInstant="${now.toISOString()}"` +
    ` Destination="${demo.brokerUrl}/saml/slo"><Issuer>${demo.adfs.entityId}</Issuer>` +
    `<NameID>${username}@corp.example</NameID>` +
    (sessionIndex === undefined ? '' : `<samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex>`) +
    '</samlp:LogoutRequest>';
  const message = encodeURIComponent(deflateRawSync(xml).toString('base64'));
  const algorithm = encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  const octets = `SAMLRequest=${message}&SigAlg=${algorithm}`;
  const key = readFileSync(join(demo.directory, 'adfs-signing.key'), 'utf8');
  const signature = encodeURIComponent(sign('sha256', Buffer.from(octets), key).toString('base64'));
  const browser = createHttpBrowser();
  try {
    return await browser.get(`${demo.brokerUrl}/saml/slo?${octets}&Signature=${signature}`);
  } finally {
    browser.close();
  }
}
