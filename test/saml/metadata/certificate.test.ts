import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../../emulators/keys.ts';
import { base64FromPem, certificateFacts, pemFromBase64, weakness } from '../../../src/saml/metadata/certificate.ts';
import { keyPair } from '../../support/key-pairs.ts';

const pair = keyPair('idp-signing');

describe('certificates', () => {
  test('go from PEM to base64 and back', () => {
    const base64 = base64FromPem(pair.cert);
    expect(base64).toBe(new X509Certificate(pair.cert).raw.toString('base64'));
    expect(new X509Certificate(pemFromBase64(base64)).raw).toEqual(new X509Certificate(pair.cert).raw);
  });

  test('are read with whatever white space metadata puts into them', () => {
    const base64 = base64FromPem(pair.cert);
    const broken = `\n      ${base64.replace(/.{76}/g, '$&\r\n\t')}\n    `;
    expect(pemFromBase64(broken)).toBe(pemFromBase64(base64));
  });

  for (const [name, base64] of [
    ['nothing', ''],
    ['text', 'bm90IGEgY2VydGlmaWNhdGU='],
    ['no base64', '***'],
  ] as const) {
    test(`are not ${name}`, () => expect(() => pemFromBase64(base64)).toThrow());
  }

  test('are not half of one', () => {
    expect(() => pemFromBase64(base64FromPem(pair.cert).slice(0, 400))).toThrow();
  });

  test('are recognised by fingerprint, subject and dates', async () => {
    const known = await makeKeyPair('ADFS Signing', {
      privateKey: pair.key,
      notBefore: new Date('2024-03-04T05:06:07Z'),
      notAfter: new Date('2027-05-06T07:08:09Z'),
    });
    expect(certificateFacts(known.cert)).toEqual({
      fingerprint: new X509Certificate(known.cert).fingerprint256,
      subject: 'CN=ADFS Signing',
      startsAt: new Date('2024-03-04T05:06:07Z'),
      endsAt: new Date('2027-05-06T07:08:09Z'),
    });
  });

  test('with 2048 bits of RSA are strong enough, past or future', async () => {
    expect(weakness(pair.cert)).toBeUndefined();
    // Metadata IOP: a certificate in metadata carries a key; its dates are not judged.
    const old = await makeKeyPair('old', {
      privateKey: pair.key,
      notBefore: new Date('2001-01-01'),
      notAfter: new Date('2002-01-01'),
    });
    expect(weakness(old.cert)).toBeUndefined();
  });

  test('with 1024 bits of RSA, or of another kind, are too weak, and it is said why', async () => {
    const weak = await makeKeyPair('weak', { bits: 1024 });
    expect(weakness(weak.cert)).toMatch(/1024 bits/);
    expect(weakness(ellipticCertificate)).toMatch(/ec/);
  });
});

// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=ec -days 36500
const ellipticCertificate = `-----BEGIN CERTIFICATE-----
MIIBcjCCARegAwIBAgIUepZK6E/KXCiFqkRzThuD+n5B2IwwCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCZWMwIBcNMjYxMTIxMTYyMzEyWhgPMjEyNjEwMjgxNjIzMTJa
MA0xCzAJBgNVBAMMAmVjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeMynB6Yk
1lSSvNrSrvafbfB3IW4llUpGb1HO7EjwRZo2fUyCPXxtx0hkLxfga5052MVIUcQP
qsN2bEQXmJQrOaNTMFEwHQYDVR0OBBYEFB99Pd4ztu+x12TwevLl7noGPzCaMB8G
A1UdIwQYMBaAFB99Pd4ztu+x12TwevLl7noGPzCaMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSQAwRgIhAIHhWV1vDeHHiT4nVlKTSv1b7a1V30FCJ/fObeB2
EFgRAiEA2bkqdI38bzXsMYKYECZewN2GxC79RvDmiIaAGJjIrag=
-----END CERTIFICATE-----`;
