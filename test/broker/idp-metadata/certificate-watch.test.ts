// Certificates that end are announced weeks before: in the log, in the metrics, by `check`.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { makeKeyPair } from '../../../emulators/keys.ts';
import { describeConfig } from '../../../src/admin/describe-config.ts';
import { createCertificateWatch, watchedCertificates } from '../../../src/broker/idp-metadata/certificate-watch.ts';
import type { Config } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/log.ts';
import { certificateFacts } from '../../../src/saml/metadata/certificate.ts';
import { createLineCollector } from '../../app/support/lines.ts';
import { change, createWorkplace, goodProduction, load, now, type Workplace } from '../../config/support/workplace.ts';
import { createTestClock } from '../../support/clock.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';

const day = 86_400_000;
const inDays = (days: number) => new Date(now.getTime() + days * day);

let workplace: Workplace;
let ending: Record<'soon' | 'ended' | 'later', KeyPair>;
let config: Config;
beforeAll(async () => {
  const notBefore = new Date('2024-01-01T00:00:00Z');
  const { key: privateKey } = keyPair('idp-signing');
  const make = (days: number) => makeKeyPair(`ends in ${days}`, { privateKey, notBefore, notAfter: inDays(days) });
  const [soon, ended, later] = await Promise.all([make(29), make(-3), make(31)]);
  ending = { soon: soon!, ended: ended!, later: later! };
  workplace = await createWorkplace();
  workplace.writePair('soon', ending.soon);
  workplace.writePair('later', ending.later);
  const input = {
    entityId: 'http://adfs.example/adfs/services/trust',
    url: 'https://adfs.example',
    encryption: ending.later,
  };
  workplace.write(
    'idp-metadata.xml',
    buildMetadata({ ...input, signing: ending.ended, secondarySigning: ending.later }),
  );
  const raw = change(goodProduction(), 'aws.signing', { key: 'soon.key', cert: 'soon.crt' });
  config = await load(workplace, change(raw, 'serviceProvider.nextSigning', [{ cert: 'later.crt' }]));
});
afterAll(() => workplace.remove());

const certificates = () => watchedCertificates(config, () => config.samlProviders[0]?.metadata);

test('every certificate that is used or published is watched', () => {
  expect(certificates().map(({ use, idp, subject }) => `${use} ${idp}: ${subject}`)).toEqual([
    'minting : CN=ends in 29',
    'sp-signing : CN=broker.example sp',
    'sp-signing : CN=ends in 31',
    'idp-signing adfs: CN=ends in -3',
    'idp-signing adfs: CN=ends in 31',
  ]);
});

test('an identity provider with an ended certificate is believed all the same [Kantara IIP-MD12]', () => {
  expect(config.samlProviders[0]?.metadata?.signingCertificates).toHaveLength(2);
});

test('the log names those that end within 30 days, and those that have ended', () => {
  const lines = createLineCollector();
  const watch = createCertificateWatch(certificates, {
    clock: createTestClock(now),
    log: createLogger('info', lines.stream),
  });
  watch.start();
  watch.stop();
  expect(lines.lines).toMatchObject([
    { level: 'warn', use: 'minting', idp: '', daysLeft: 29, msg: 'certificate expires soon' },
    {
      ...{ use: 'idp-signing', idp: 'adfs', daysLeft: -3, msg: 'certificate has expired' },
      fingerprint: certificateFacts(ending.ended.cert).fingerprint,
    },
  ]);
});

describe('check', () => {
  test('prints each certificate with its fingerprint and end, and a warning where it is time', () => {
    const text = describeConfig('rolegate.yaml', config, now);
    const { fingerprint } = certificateFacts(ending.soon.cert);
    expect(text).toContain(
      `certificate minting: CN=ends in 29, until 2026-03-31, SHA-256 ${fingerprint}  WARNING: expires in 29 days`,
    );
    expect(text).toMatch(/certificate idp-signing of adfs: CN=ends in -3, .*WARNING: has expired$/m);
    expect(text).toMatch(/certificate sp-signing: CN=ends in 31, .*[0-9A-F]$/m);
  });

  test('says when a metadata file is out of date, while users of the other providers can sign in', async () => {
    const good = workplace.path('idp-metadata.xml');
    const xml = readFileSync(good, 'utf8');
    workplace.write('old.xml', xml.replace('<EntityDescriptor', '<EntityDescriptor validUntil="2026-03-02T09:00:00Z"'));
    const raw = change(goodProduction(), 'identityProviders[0].metadata.file', 'old.xml');
    const text = describeConfig('rolegate.yaml', await load(workplace, raw), now);
    expect(text).toContain('WARNING: the metadata of adfs is out of date');
  });
});
