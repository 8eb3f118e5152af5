// Metadata documents as products and people write them: accepted, ignored with a warning, or refused.
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import { addCheck } from '../../src/admin/commands/check.ts';
import { addMetadata } from '../../src/admin/commands/metadata.ts';
import { loadConfig } from '../../src/config/load.ts';
import { acceptMetadata } from '../../src/saml/metadata/accept-metadata.ts';
import { base64FromPem, certificateFacts } from '../../src/saml/metadata/certificate.ts';
import { decodeMetadata } from '../../src/saml/metadata/decode-metadata.ts';
import { readIdpMetadata } from '../../src/saml/metadata/idp-metadata.ts';
import { runCommand } from '../admin/support.ts';
import { createWorkplace, env, goodProduction, now, type Workplace } from '../config/support/workplace.ts';
import { type KeyPair, keyPair } from '../support/key-pairs.ts';
import { entity, keyDescriptor, keyOf, redirectSso, service, utf16be, utf16le } from './support/metadata.ts';

const good = keyPair('idp-signing');
const other = keyPair('stranger');
let weak: KeyPair;
let workplace: Workplace;
beforeAll(async () => {
  weak = await makeKeyPair('weak', { bits: 1024 });
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const fingerprint = ({ cert }: KeyPair) => certificateFacts(cert).fingerprint;
const read = (keys: string) => {
  const { signingCertificates, warnings } = readIdpMetadata(entity({ keys }));
  return { keys: signingCertificates.map((pem) => certificateFacts(pem).fingerprint), warnings };
};
const body = ({ cert }: KeyPair) => base64FromPem(cert);
const spki = (type: 'rsa' | 'ed25519') => {
  const { publicKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
};

describe('a certificate is read although it is written', () => {
  const forms: readonly (readonly [string, () => string])[] = [
    ['with PEM lines', () => good.cert],
    ['with PEM lines and CRLF', () => good.cert.replaceAll('\n', '&#13;\n')],
    ['with PEM lines on one line', () => good.cert.replaceAll('\n', '')],
    ['with the first PEM line only', () => good.cert.replace(/-----END.*/, '')],
    ['with the last PEM line only', () => good.cert.replace(/-----BEGIN.*-----/, '')],
    ['with bag attributes in front of PEM lines', () => `Bag Attributes\n  friendlyName: idp\n${good.cert}`],
    ['as X509 CERTIFICATE', () => good.cert.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['as PEM inside base64', () => Buffer.from(good.cert).toString('base64')],
    ['without padding', () => body(good).replace(/=+$/, '')],
  ];
  for (const [name, text] of forms) {
    test(name, () => expect(read(keyDescriptor(text()))).toEqual({ keys: [fingerprint(good)], warnings: [] }));
  }

  test('beside an empty element of the same KeyDescriptor', () => {
    expect(read(keyDescriptor('\n ', body(good))).keys).toEqual([fingerprint(good)]);
  });
});

describe('an unusable key is left out with a warning that names it, while a usable one remains', () => {
  const unusable: readonly (readonly [string, () => string | Promise<string>, RegExp])[] = [
    ['RSA of 1024 bits', () => body(weak), /^KeyDescriptor 1: "CN=weak" is too weak: its RSA key has 1024 bits/],
    ['two certificates run together', () => body(good) + body(other), /^KeyDescriptor 1: it is not base64/],
    [
      'two certificates in one base64 text',
      () => Buffer.concat([good, other].map(({ cert }) => new X509Certificate(cert).raw)).toString('base64'),
      /^KeyDescriptor 1: something follows the certificate/,
    ],
    ['two PEM blocks', () => good.cert + other.cert, /^KeyDescriptor 1: 2 PEM blocks/],
    ['an empty element', () => '', /^KeyDescriptor 1: it has no certificate/],
    ['a public key', () => spki('rsa'), /^KeyDescriptor 1: it is a public key, not a certificate/],
    ['an Ed25519 public key', () => spki('ed25519'), /^KeyDescriptor 1: it is a public key, not a certificate/],
    ['a public key in PEM', () => `-----BEGIN PUBLIC KEY-----${spki('rsa')}-----END PUBLIC KEY-----`, /PEM PUBLIC KEY/],
    ['words', () => 'see the wiki', /^KeyDescriptor 1/],
    ['a cut certificate', () => body(good).slice(0, 400), /^KeyDescriptor 1: it is not X.509/],
  ];
  for (const [name, text, warning] of unusable) {
    test(name, async () => {
      const keys = keyDescriptor(await text());
      expect(read(keys + keyOf(other))).toEqual({
        keys: [fingerprint(other)],
        warnings: [expect.stringMatching(warning)],
      });
      expect(() => read(keys)).toThrow(/no signing certificate that can be used; KeyDescriptor 1/);
    });
  }

  test('an unreadable leaf beside its authority: the authority does not take its place', () => {
    expect(() => read(keyDescriptor(body(good).slice(0, 400), body(other)))).toThrow(
      'no signing certificate that can be used',
    );
  });
});

describe('an unusable address is left out with a warning', () => {
  const slo = (location: string, more = '') => service('SingleLogoutService', 'HTTP-Redirect', location, more);
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['an empty Location', slo(''), /SingleLogoutService with HTTP-Redirect is left out: "" is not/],
    ['a relative one', slo('/slo'), /"\/slo" is not an http or https URL/],
    ['without a scheme', slo('idp.example/slo'), /is not an http or https URL/],
    ['a script', slo('javascript:alert(1)'), /is not an http or https URL/],
    ['an empty ResponseLocation', slo('https://idp.example/slo', ' ResponseLocation=""'), /left out: "" is not/],
    ['POST only', service('SingleLogoutService', 'HTTP-POST', 'https://idp.example/slo'), /by HTTP-POST only/],
    ['SOAP only', service('SingleLogoutService', 'SOAP', 'https://idp.example/slo'), /by SOAP only, which is not used/],
  ];
  for (const [name, text, warning] of rows) {
    test(`of single logout: ${name}`, () => {
      const metadata = readIdpMetadata(entity({ keys: keyOf(good), services: redirectSso + text }));
      expect(metadata.sloRedirectUrl).toBeUndefined();
      expect(metadata.warnings.join('\n')).toMatch(warning);
    });
  }

  test('a later one takes its place', () => {
    const services = redirectSso + slo('') + slo(' https://idp.example/slo ');
    expect(readIdpMetadata(entity({ keys: keyOf(good), services })).sloRedirectUrl).toBe('https://idp.example/slo');
  });

  test('of sign-in: only while another remains', () => {
    const empty = service('SingleSignOnService', 'HTTP-Redirect', '');
    const twice = readIdpMetadata(entity({ keys: keyOf(good), services: empty + redirectSso }));
    expect(twice.ssoRedirectUrl).toBe('https://idp.example/sso');
    expect(() => readIdpMetadata(entity({ keys: keyOf(good), services: empty }))).toThrow(
      /no usable SingleSignOnService.*"" is not/,
    );
  });
});

describe('validity', () => {
  const rules = {
    entityId: undefined,
    signingCertificates: undefined,
    requireValidUntil: false,
    maxValidityMs: undefined,
  };
  const accept = (attributes: string, more = {}) =>
    acceptMetadata(entity({ keys: keyOf(good), attributes }), { ...rules, ...more }, now);

  test.each(['0001-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '2026-03-02T08:59:59Z'])('%s is past', (date) => {
    expect(() => accept(` validUntil="${date}"`)).toThrow(expect.objectContaining({ reason: 'expired' }));
  });

  test.each(['2026-03-02T09:00:01Z', '2999-12-31T00:00:00Z', '9999-12-31T23:59:59.9999999Z', ' 2030-01-01T00:00:00Z '])(
    '%s is not',
    (date) => {
      expect(accept(` validUntil="${date}"`).validUntil!.getTime()).toBeGreaterThan(now.getTime());
    },
  );

  test('year 9999 means no end: not for rules that demand one', () => {
    const attributes = ' validUntil="9999-12-31T23:59:59Z"';
    expect(() => accept(attributes, { requireValidUntil: true })).toThrow('no validUntil');
    expect(() => accept(attributes, { maxValidityMs: 86_400_000 })).toThrow('further ahead than maxValidity');
  });

  test.each(['PT1588239755S', 'P10675199DT2H48M5.4775807S', 'P99999999999999999Y'])(
    'cacheDuration %s is read',
    (text) => {
      const { cacheDurationMs, warnings } = accept(` cacheDuration="${text}"`);
      expect(cacheDurationMs).toBeGreaterThan(86_400_000);
      expect(warnings).toEqual([]);
    },
  );

  test.each(['P1W', 'PT1.5H', '-P1D', '', '1d', '3600'])('cacheDuration %j costs a warning', (text) => {
    const { cacheDurationMs, warnings } = accept(` cacheDuration="${text}"`);
    expect(cacheDurationMs).toBeUndefined();
    expect(warnings).toEqual([`the cacheDuration of EntityDescriptor is ignored: "${text}" is not a duration`]);
  });
});

describe('encodings', () => {
  const declared = (encoding: string) =>
    entity({ keys: keyOf(good), declaration: `<?xml version="1.0" encoding="${encoding}"?>` });
  const entityId = (bytes: Buffer) => readIdpMetadata(decodeMetadata(bytes)).entityId;

  test.each(['utf-8', 'utf-16', 'UTF-16LE', 'unicode'])('UTF-16 with a mark, declared as %s', (encoding) => {
    expect(entityId(utf16le(declared(encoding)))).toBe('https://idp.example');
    expect(entityId(utf16be(declared(encoding)))).toBe('https://idp.example');
  });

  test.each(['us-ascii', 'ASCII', 'utf8', 'ISO-8859-1', 'windows-1252'])('ASCII only, declared as %s', (encoding) => {
    expect(entityId(Buffer.from(declared(encoding)))).toBe('https://idp.example');
  });

  const unreadable: readonly (readonly [string, Buffer, string])[] = [
    [
      'UTF-16 without a mark',
      Buffer.from(declared('utf-16'), 'utf16le'),
      'is UTF-16 without a byte order mark: save it',
    ],
    ['UTF-16 without a mark or declaration', Buffer.from('<a/>', 'utf16le'), 'UTF-16 without a byte order mark'],
    ['UTF-32', Buffer.from('fffe00003c000000', 'hex'), 'is UTF-32: save it as UTF-8'],
    ['half a character of UTF-16', utf16le('<a/>').subarray(0, -1), 'is not UTF-16: save it as UTF-8'],
    ['windows-1252', Buffer.from(`${declared('windows-1252')}<!-- ü -->`, 'latin1'), 'is in windows-1252: save it'],
    ['no encoding that is known', Buffer.from(declared('ebcdic-cp-us')), 'declares the encoding ebcdic-cp-us'],
    ['octets that are not UTF-8', Buffer.from([0x3c, 0xff, 0x3e]), 'is not UTF-8: save it as UTF-8'],
  ];
  for (const [name, bytes, message] of unreadable) {
    test(`${name}: says so`, () => expect(() => entityId(bytes)).toThrow(message));
  }

  test('a configuration file in UTF-16 is read; in UTF-32 it is named', async () => {
    const file = workplace.path('rolegate.yaml');
    writeFileSync(file, utf16le(JSON.stringify(goodProduction())));
    expect((await loadConfig(file, env, now)).baseUrl).toBe('https://broker.example');
    writeFileSync(file, Buffer.from('fffe00007b000000', 'hex'));
    await expect(loadConfig(file, env, now)).rejects.toThrow('is UTF-32: save it as UTF-8');
  });
});

describe('a document that people put together', () => {
  const document = entity({ keys: keyOf(good) });
  const entityId = (bytes: Buffer) => readIdpMetadata(decodeMetadata(bytes)).entityId;

  test.each(['\n', ' \r\n', '\ufeff\n', '\ufeff\ufeff'])('may have %j before its declaration', (start) => {
    for (const encoding of ['utf-8', 'us-ascii', 'EUC-KR', 'Shift_JIS'].slice(0, start.includes('\ufeff') ? 1 : 3)) {
      const text = `${start}<?xml version="1.0" encoding="${encoding}"?>${document}`;
      expect(entityId(Buffer.from(text))).toBe('https://idp.example');
    }
  });

  test('may have white space around what XML Schema reads as URIs', () => {
    const services = service('SingleSignOnService', 'HTTP-Redirect\n', '\n https://idp.example/sso\n');
    const spaced = entity({ keys: keyOf(good), services }).replace('"https://idp.example"', '" https://idp.example\n"');
    expect(readIdpMetadata(spaced)).toMatchObject({
      entityId: 'https://idp.example',
      ssoRedirectUrl: 'https://idp.example/sso',
    });
    expect(readIdpMetadata(spaced, 'https://idp.example').entityId).toBe('https://idp.example');
  });

  test.each(['<!DOCTYPE html><html><body>Sign in</body></html>', '\n<HTML lang="en">'])(
    'that is a page (%j) is named',
    (page) => expect(() => decodeMetadata(Buffer.from(page))).toThrow('is an HTML page, not metadata'),
  );
});

describe('a wrong entityID', () => {
  test('is repeated beside those that the document has', () => {
    expect(() => readIdpMetadata(entity({ keys: keyOf(good) }), 'http://idp.example')).toThrow(
      'no entity with an IDPSSODescriptor for SAML 2.0 and the entityID "http://idp.example"; the document has "https://idp.example"',
    );
  });
});

describe('commands', () => {
  const config = (xml?: string) => {
    workplace.write('rolegate.yaml', JSON.stringify(goodProduction()));
    if (xml !== undefined) workplace.write('idp-metadata.xml', xml);
    const file = workplace.path('rolegate.yaml');
    return (_: unknown, more?: { ignoresIdpMetadata?: boolean }) => loadConfig(file, env, now, more);
  };
  const check = (xml: string) => runCommand(addCheck, ['check', '--config', 'x'], config(xml));

  test('`check` says how long metadata is valid', async () => {
    const years = entity({ keys: keyOf(good), attributes: ' validUntil="2037-01-01T00:00:00Z"' });
    expect((await check(years)).stdout).toContain('metadata of adfs: valid until 2037-01-01T00:00:00.000Z\n');
    const soon = new Date(Date.now() + 2.5 * 86_400_000).toISOString();
    const days = await check(entity({ keys: keyOf(good), attributes: ` validUntil="${soon}"` }));
    expect(days.stdout).toContain(`valid until ${soon}  WARNING: expires in 2 days`);
    const ever = await check(entity({ keys: keyOf(good), attributes: ' validUntil="9999-12-31T00:00:00Z"' }));
    expect(ever.stdout).toContain('metadata of adfs: valid until further notice\n');
  });

  test('`check` names the ignored parts, and that single logout is not used', async () => {
    const services = redirectSso + service('SingleLogoutService', 'HTTP-POST', 'https://idp.example/slo');
    const { stdout } = await check(entity({ keys: keyOf(weak) + keyOf(good), services }));
    expect(stdout).toContain('WARNING: the metadata of adfs: KeyDescriptor 1: ');
    expect(stdout).toContain('offers single logout by HTTP-POST only, which is not used');
  });

  test('`metadata sp` and `metadata aws` need no metadata of the identity provider, and write files', async () => {
    workplace.write('idp-metadata.xml', 'to come');
    const load = config();
    await expect(load(undefined)).rejects.toThrow('identityProviders[0].metadata.file');
    for (const which of ['sp', 'aws']) {
      const { stdout } = await runCommand(addMetadata, ['metadata', which, '--config', 'x'], load);
      expect(stdout).toContain('<md:EntityDescriptor');
      const out = workplace.path(`${which}.xml`);
      const written = await runCommand(addMetadata, ['metadata', which, '--config', 'x', '--out', out], load);
      expect(written.stdout).toBe(`${out}\n`);
      expect(decodeMetadata(readFileSync(out))).toBe(stdout);
    }
    const refresh = runCommand(addMetadata, ['metadata', 'refresh', '--config', 'x', '--out', 'y'], load);
    await expect(refresh).rejects.toThrow('--out');
  });

  test('our metadata has the certificate in use last: Keycloak keeps one, the last', async () => {
    workplace.writePair('sp-next', keyPair('sp-signing-next'));
    const raw = goodProduction();
    const serviceProvider = { ...(raw['serviceProvider'] as object), nextSigning: [{ cert: 'sp-next.crt' }] };
    workplace.write('rolegate.yaml', JSON.stringify({ ...raw, serviceProvider }));
    const load = () => loadConfig(workplace.path('rolegate.yaml'), env, now, { ignoresIdpMetadata: true });
    const { stdout } = await runCommand(addMetadata, ['metadata', 'sp', '--config', 'x'], load);
    const certificates = [...stdout.matchAll(/use="signing".*?<ds:X509Certificate>([^<]*)/g)].map(
      ([, base64]) => new X509Certificate(Buffer.from(base64!, 'base64')).fingerprint256,
    );
    expect(certificates).toEqual([fingerprint(keyPair('sp-signing-next')), fingerprint(keyPair('sp-signing'))]);
  });
});
