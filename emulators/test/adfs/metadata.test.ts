import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpBrowser } from '../../../test/support/http-browser/http-browser.ts';
import { keyPair } from '../../../test/support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../../../test/support/xmlsec1.ts';
import type { Adfs, AdfsOptions } from '../../adfs/server.ts';
import { parseXml, type XmlElement } from '../../adfs/xml.ts';
import { keys, party, startFixture } from './fixture.ts';

const running: Adfs[] = [];

afterEach(async () => {
  for (const idp of running.splice(0)) await idp.close();
});

async function start(options: Partial<AdfsOptions> = {}): Promise<Adfs> {
  const { idp } = await startFixture(keys, options);
  running.push(idp);
  return idp;
}

async function read(idp: Adfs, ca?: string): Promise<{ xml: string; root: XmlElement }> {
  const browser = createHttpBrowser(ca === undefined ? {} : { ca });
  const page = await browser.get(idp.metadataUrl);
  browser.close();
  expect(page.status).toBe(200);
  return { xml: page.body, root: parseXml(page.body) };
}

function keyUses(role: XmlElement | undefined): string[] {
  return (role?.children ?? [])
    .filter((child) => child.name === 'KeyDescriptor')
    .map((child) => child.attributes.get('use') ?? '');
}

function roles(root: XmlElement, name: string): XmlElement[] {
  return root.children.filter((child) => child.name === name);
}

describe('federation metadata', () => {
  test('is signed by the token-signing key, first of all elements, in one line', async () => {
    const { xml, root } = await read(await start());
    await verifyWithXmlsec1(xml, keys.signing.cert);
    expect(xml).not.toContain('\n');
    expect(xml).not.toContain('validUntil');
    expect(root.children.map((child) => child.name)).toEqual([
      ...['Signature', 'RoleDescriptor', 'RoleDescriptor', 'SPSSODescriptor', 'IDPSSODescriptor', 'ContactPerson'],
    ]);
  });

  test('lists the encryption certificate before the signing ones, and the secondary one after the primary', async () => {
    const { xml, root } = await read(await start({ secondarySigning: keys.secondarySigning }));
    const identityProvider = roles(root, 'IDPSSODescriptor')[0];
    expect(keyUses(identityProvider)).toEqual(['encryption', 'signing', 'signing']);
    expect(keyUses(roles(root, 'SPSSODescriptor')[0])).toEqual(['encryption', 'signing', 'signing']);
    const section = xml.slice(xml.indexOf('<IDPSSODescriptor'));
    const certificates = [...section.matchAll(/<X509Certificate>([^<]+)</g)].map(([, base64]) => base64);
    const expected = [keys.encryption, keys.signing, keys.secondarySigning];
    expect(certificates).toEqual(expected.map((pair) => new X509Certificate(pair.cert).raw.toString('base64')));
  });

  test('points both bindings of sign-on and logout to /adfs/ls/', async () => {
    const idp = await start();
    const { root } = await read(idp);
    const endpoints = roles(root, 'IDPSSODescriptor')[0]?.children.filter((child) => child.name.startsWith('Single'));
    expect(endpoints?.map((endpoint) => [endpoint.name, endpoint.attributes.get('Location')])).toEqual([
      ...['SingleLogoutService', 'SingleLogoutService', 'SingleSignOnService', 'SingleSignOnService'].map((name) => [
        ...[name, `${idp.url}/adfs/ls/`],
      ]),
    ]);
  });

  test('has an http entityID although it is served over TLS, under the public name', async () => {
    const tls = keyPair('tls-localhost');
    const idp = await start({ tls, publicHost: 'localhost' });
    const { xml, root } = await read(idp, keyPair('tls-ca').cert);
    const { port } = new URL(idp.url);
    expect(idp.url).toBe(`https://localhost:${port}`);
    expect(root.attributes.get('entityID')).toBe(`http://localhost:${port}/adfs/services/trust`);
    expect(xml).toContain(`Location="https://localhost:${port}/adfs/ls/"`);
  });

  test('after the rollover is signed by the former secondary key, as responses are', async () => {
    const idp = await start({ secondarySigning: keys.secondarySigning });
    await verifyWithXmlsec1(idp.metadata(), keys.signing.cert);
    idp.promoteSecondary();
    await verifyWithXmlsec1(idp.metadata(), keys.secondarySigning.cert);
    const response = idp.issueResponse({ username: 'alice', relyingParty: party.entityId });
    await verifyWithXmlsec1(Buffer.from(response, 'base64').toString('utf8'), keys.secondarySigning.cert);
    expect(keyUses(roles(parseXml(idp.metadata()), 'IDPSSODescriptor')[0])).toHaveLength(3);
  });

  test('has nothing to promote without a secondary certificate', async () => {
    const idp = await start();
    expect(() => idp.promoteSecondary()).toThrow(/no secondary/);
  });
});
