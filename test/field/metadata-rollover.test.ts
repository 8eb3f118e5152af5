// An identity provider that takes sign-in by HTTP-POST only, and one that swaps its key at once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { postAnswer } from '../app/support/sign-in.ts';
import { createFixture, identityProvider } from '../broker/idp-metadata/support/directory-fixture.ts';
import * as server from '../broker/idp-metadata/support/metadata-server.ts';
import type { HtmlForm } from '../support/http-browser/html-forms.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { type KeyPair, keyPair } from '../support/key-pairs.ts';
import { entity, keyOf, service } from './support/metadata.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-field-metadata-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('an identity provider with HTTP-POST only', () => {
  let demo: TestDemo;
  beforeAll(async () => {
    demo = await startTestDemo({
      adjust: (config) => {
        const idpUrl = `http://127.0.0.1:${Number(new URL(config['baseUrl'] as string).port) + 1}`;
        const services = service('SingleSignOnService', 'HTTP-POST', `${idpUrl}/adfs/ls/`);
        const file = join(directory, 'post-only.xml');
        const xml = entity({ keys: keyOf(keyPair('idp-signing')), services });
        writeFileSync(file, xml.replace('https://idp.example', `${idpUrl}/adfs/services/trust`));
        const [idp] = config['identityProviders'] as object[];
        return { ...config, identityProviders: [{ ...idp, metadata: { file } }] };
      },
    });
  });
  afterAll(() => demo.close());

  test('gets a signed AuthnRequest in a form, and the answer signs in', async () => {
    const browser = createHttpBrowser();
    const request = await browser.get(`${demo.brokerUrl}/login?return_to=/why`);
    const isRequest = ({ fields }: HtmlForm) => fields.some(([name]) => name === 'SAMLRequest');
    const { fields } = request.forms.find(isRequest)!;
    const xml = Buffer.from(new Map(fields).get('SAMLRequest')!, 'base64').toString();
    // Core §3.2.1 (schema): the Signature follows the Issuer.
    expect(xml).toMatch(/^<samlp:AuthnRequest [^>]*><saml:Issuer[^>]*>[^<]*<\/saml:Issuer><ds:Signature /);
    // The emulator refuses a request that is not signed by our key.
    const form = await browser.submit(request, isRequest);
    const answer = await browser.submit(form, 0, { UserName: 'alice', Password: 'password' });
    const page = await postAnswer(browser, answer);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/why']);
    browser.close();
  });
});

describe('a message signed by an unknown key', () => {
  let source: server.MetadataServer;
  beforeAll(async () => {
    source = await server.startMetadataServer();
  });
  afterAll(() => source.close());

  const [one, two, three] = (['idp-signing', 'idp-signing-next', 'stranger'] as const).map(keyPair) as [
    KeyPair,
    KeyPair,
    KeyPair,
  ];
  const publish = (...keys: readonly KeyPair[]) =>
    source.answer(server.document(entity({ keys: keys.map(keyOf).join('') })));
  const started = async () => {
    publish(one);
    const fixture = createFixture([identityProvider('idp', { url: source.url })], { fetch: source.fetch });
    await fixture.directory.start();
    return fixture;
  };

  test('makes the broker read the metadata at once, at most once a minute', async () => {
    const { directory: idps, clock } = await started();
    const before = source.requests();
    expect(await idps.reread('idp')).toBe(false);
    publish(two);
    expect(await idps.reread('idp')).toBe(false);
    expect(source.requests()).toBe(before + 1);
    clock.advance(60_000);
    expect(await Promise.all([idps.reread('idp'), idps.reread('idp'), idps.reread('idp')])).toEqual([true, true, true]);
    expect(source.requests()).toBe(before + 2);
    publish(three);
    clock.advance(59_999);
    await idps.reread('idp');
    expect(source.requests()).toBe(before + 2);
  });

  test('changes nothing while the identity provider is down', async () => {
    const { directory: idps, log } = await started();
    const { metadata } = idps.find('idp');
    source.answer(server.notFound);
    expect(await idps.reread('idp')).toBe(false);
    expect(idps.find('idp').metadata).toBe(metadata);
    expect(log.at(-1)).toMatchObject({ idp: 'idp', changed: false });
  });

  test('makes the broker look at a file too', async () => {
    const file = join(directory, 'rollover.xml');
    writeFileSync(file, entity({ keys: keyOf(one) }));
    const { directory: idps } = createFixture([identityProvider('idp', { file })]);
    await idps.start();
    writeFileSync(file, entity({ keys: keyOf(two) + keyOf(one) }));
    expect(await idps.reread('idp')).toBe(true);
    expect(idps.find('idp').metadata.signingCertificates).toHaveLength(2);
  });
});
