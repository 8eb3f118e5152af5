// SimpleSAMLphp reads our metadata as it is served: addresses, keys, and that our requests are signed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { postAnswer } from '../app/support/sign-in.ts';
import { keyPair } from '../support/key-pairs.ts';
import { encryptionKeys, type ForeignIdp, refusals, serviceProvider, startBrokerFor } from './support/broker.ts';
import { answerXml, useSimpleSamlPhp } from './support/ssp-fixture.ts';

const { ssp, browser, reachAnswer } = useSimpleSamlPhp();
const directory = mkdtempSync(join(tmpdir(), 'rolegate-next-'));
const nextCertificate = join(directory, 'next.crt');

beforeAll(async () => writeFileSync(nextCertificate, keyPair('sp-signing-next').cert));
afterAll(() => rmSync(directory, { recursive: true }));

/** A broker of which SimpleSAMLphp knows the metadata and nothing else. */
async function withMetadata(idp: Partial<ForeignIdp>, use: (started: TestDemo) => Promise<void>): Promise<void> {
  const started = await startBrokerFor({ metadata: ssp().metadata, ...idp });
  try {
    ssp().trustMetadata(await (await fetch(`${started.brokerUrl}/saml/metadata`)).text());
    await use(started);
  } finally {
    await started.close();
  }
}

const decorated = {
  metadata: { signed: true, validFor: '7d' },
  nextSigning: [{ cert: nextCertificate }],
  encryption: encryptionKeys,
  organization: { name: 'Größe & Söhne', url: 'https://corp.example/?a=1&b=2' },
  contact: { name: 'Cloud team', email: 'cloud@corp.example' },
};

test.each([
  { name: 'as it is by default', idp: {} },
  { name: 'signed, with every part it can have', idp: { adjust: serviceProvider(decorated) } },
])('$name: alice is signed in', async ({ idp }) => {
  await withMetadata(idp, async (started) => {
    const answer = await reachAnswer(started, 'alice');
    expect(answerXml(answer)).toContain('<saml:Assertion');
    expect((await postAnswer(browser(), answer)).body).toContain('Your accounts');
    expect(refusals(started)).toEqual([]);
  });
});

test('from AuthnRequestsSigned it knows to refuse a request without its signature', async () => {
  await withMetadata({}, async ({ brokerUrl }) => {
    const redirect = await fetch(`${brokerUrl}/login`, { redirect: 'manual' });
    const url = new URL(redirect.headers.get('location')!);
    expect((await browser().get(url.href)).body).toContain('type="password"');
    for (const name of ['SigAlg', 'Signature']) url.searchParams.delete(name);
    const refused = await browser().get(url.href);
    expect(refused.body).toContain('no signature found on message');
    expect(refused.body).not.toContain('type="password"');
  });
});

test('from SingleLogoutService it knows where to send its LogoutRequest', async () => {
  await withMetadata({}, async (started) => {
    await postAnswer(browser(), await reachAnswer(started, 'alice'));
    const url = new URL('/saml2/idp/SingleLogoutService.php', ssp().url);
    url.searchParams.set('ReturnTo', `${ssp().url}/saml2/idp/metadata.php`);
    expect((await browser().get(url.href)).url).toBe(url.searchParams.get('ReturnTo'));
    expect((await browser().json('GET', `${started.brokerUrl}/api/v1/me`)).status).toBe(401);
  });
});
