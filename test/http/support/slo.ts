// What an identity provider sends to the SingleLogoutService, and what the tests read out of our answers.
import type { Response } from 'supertest';
import {
  parseRawQuery,
  readRedirectMessage,
  verifyRedirectSignature,
} from '../../../emulators/adfs/redirect-binding.ts';
import {
  type LogoutParts,
  logoutRequest,
  logoutResponse,
  type RedirectOptions,
  redirectedQuery,
} from '../../saml/support/logout-builder.ts';
import { element, nsSaml, type XmlAttributes } from '../../saml/support/response-builder.ts';
import { type Browser, baseUrl, encode, type TestApp } from './app.ts';

export const sloUrl = `${baseUrl}/saml/slo`;
const form = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' };

/** The NameID of a user, as the emulator issues it. */
export function nameIdOf(username: string, attributes: XmlAttributes = {}): string {
  return element('NameID', { xmlns: nsSaml, ...attributes }, `${username}@corp.example`);
}

export function sessionIndexes(...indexes: readonly string[]): string {
  return indexes.map((index) => element('samlp:SessionIndex', {}, index)).join('');
}

let count = 0;

/** A LogoutRequest for alice's session `_one`, addressed to us. */
export function requestFor(app: TestApp, { message, ...parts }: LogoutParts = {}): string {
  return logoutRequest({
    issuer: element('Issuer', { xmlns: nsSaml }, app.adfs.entityId),
    nameId: nameIdOf('alice'),
    sessionIndexes: sessionIndexes('_one'),
    ...parts,
    message: { Destination: sloUrl, ID: `_logout${++count}`, ...message },
  });
}

export function responseFor(app: TestApp, { message, ...parts }: LogoutParts = {}): string {
  return logoutResponse({
    issuer: element('Issuer', { xmlns: nsSaml }, app.adfs.entityId),
    ...parts,
    message: { Destination: sloUrl, ID: `_answer${++count}`, ...message },
  });
}

/** Sends by the Redirect binding. */
export function redirect(app: TestApp, browser: Browser, xml: string, options: RedirectOptions = {}) {
  return browser.get(`/saml/slo?${redirectedQuery(app.idpKey, xml, options)}`, { Accept: 'text/html' });
}

/** Sends by the POST binding, from the identity provider's site. */
export function post(browser: Browser, fields: Readonly<Record<string, string>>): Promise<Response> {
  return browser.send('POST', '/saml/slo', { headers: form, body: encode(fields) });
}

export interface Arrived {
  readonly xml: string;
  readonly relayState: string | undefined;
}

/** The broker's message in a URL at the identity provider, signed by the broker's key over these very octets. */
export function readSent(app: TestApp, url: string, parameter: 'SAMLRequest' | 'SAMLResponse'): Arrived {
  const { xml, relayState, signature } = readRedirectMessage(parseRawQuery(new URL(url).search.slice(1)), parameter);
  const isSigned = signature && verifyRedirectSignature(signature, [app.config.serviceProvider.signing!.certificate]);
  if (!isSigned || !url.startsWith(`${app.adfs.ssoUrl}?`)) throw new Error(`not a signed message to the IdP: ${url}`);
  return { xml, relayState };
}

/** A browser with a signed-in person. */
export async function signedIn(app: TestApp, username: string, sessionIndex: string | null): Promise<Browser> {
  const browser = app.browser();
  const { status } = await browser.answer(await browser.startLogin(), username, { sessionIndex });
  if (status !== 303) throw new Error(`sign-in answered ${status}`);
  return browser;
}

export async function isAlive(browser: Browser): Promise<boolean> {
  return (await browser.get('/api/v1/me')).status === 200;
}

/** Which of these sessions live, in their order. */
export function living(...browsers: readonly Browser[]): Promise<boolean[]> {
  return Promise.all(browsers.map(isAlive));
}

/** What we asked of the identity provider. */
export interface Asked {
  readonly requestId: string;
  readonly relayState: string;
  readonly xml: string;
}

/** Signs out, and follows to what the identity provider is asked. */
export async function signOut(app: TestApp, browser: Browser): Promise<Asked> {
  const left = await browser.postForm('/logout', {});
  const page = await browser.get(left.get('Location')!, { Accept: 'text/html' });
  const url = /<a class="button" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const { xml, relayState } = readSent(app, url, 'SAMLRequest');
  const goesThere = page.text.includes(`<meta http-equiv="refresh" content="0; url=${url.replaceAll('&', '&amp;')}">`);
  if (!goesThere) throw new Error('the page does not go on by itself');
  return { requestId: / ID="([^"]+)"/.exec(xml)![1]!, relayState: relayState!, xml };
}

/** The answer to it, Success unless told otherwise. */
export const answerTo = (app: TestApp, { requestId }: Asked, status?: string) =>
  responseFor(app, { message: { InResponseTo: requestId }, ...(status === undefined ? {} : { status }) });
