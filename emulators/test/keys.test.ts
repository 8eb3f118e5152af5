import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createHttpBrowser } from '../../test/support/http-browser/http-browser.ts';
import { makeKeyPair } from '../keys.ts';

test('makes a self-signed certificate for its own RSA key', async () => {
  const pair = await makeKeyPair('ADFS Signing, with a comma');
  const certificate = new X509Certificate(pair.cert);
  expect(certificate.subject).toBe('CN=ADFS Signing\\, with a comma');
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBeGreaterThan(5 * 365 * 86_400_000);
});

test('takes the key size and the validity it is given', async () => {
  const notAfter = new Date('2025-01-01T00:00:00Z');
  const pair = await makeKeyPair('expired', { bits: 3072, notAfter });
  const certificate = new X509Certificate(pair.cert);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
  expect(Date.parse(certificate.validTo)).toBe(notAfter.getTime());
});

test('makes a CA whose server certificates a TLS client accepts for exactly their names', async () => {
  const ca = await makeKeyPair('Test CA', { isCa: true });
  const pair = await makeKeyPair('server', { ca, altNames: ['localhost', '127.0.0.1'] });
  expect(new X509Certificate(ca.cert).ca).toBe(true);
  const server = createServer(pair, (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const resolve = () => ({ address: '127.0.0.1', port });
  const browser = createHttpBrowser({ ca: ca.cert, resolve });
  try {
    expect((await browser.get(`https://localhost:${port}/`)).body).toBe('hello');
    expect((await browser.get(`https://127.0.0.1:${port}/`)).body).toBe('hello');
    await expect(browser.get('https://other.test/')).rejects.toThrow(/altnames/);
  } finally {
    browser.close();
    server.close();
    server.closeAllConnections();
  }
});
