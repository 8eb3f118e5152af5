// What it costs to verify large metadata.
import { expect, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { signElement } from '../../../emulators/adfs/signing.ts';
import { verifiedMetadata } from '../../../src/saml/metadata/metadata-signature.ts';
import { cpuMilliseconds } from '../../support/cpu-time.ts';
import { keyPair } from '../../support/key-pairs.ts';

const federation = keyPair('federation');
const adfs = buildMetadata({
  entityId: 'http://adfs.example/adfs/services/trust',
  url: 'https://adfs.example',
  signing: keyPair('idp-signing'),
  secondarySigning: undefined,
  encryption: keyPair('idp-encryption'),
});

test('a federation aggregate near the size limit costs in proportion to its size', () => {
  const one = adfs.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, '').replace(/ ID="[^"]+"/, '');
  const aggregate = (length: number) => {
    const content = Array.from({ length }, (_, i) => one.replaceAll('adfs.example', `idp${i}.example`)).join('\n');
    return signElement(
      `<EntitiesDescriptor ID="_f" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${content}</EntitiesDescriptor>`,
      { id: '_f', key: federation },
    );
  };
  const bestTime = (xml: string) => {
    const times = Array.from({ length: 3 }, () => {
      const started = cpuMilliseconds();
      verifiedMetadata(xml, [federation.cert]);
      return cpuMilliseconds() - started;
    });
    return Math.min(...times);
  };
  const [small, large] = [aggregate(30), aggregate(120)];
  expect(large.length).toBeGreaterThan(1_000_000);
  expect(bestTime(large) / bestTime(small)).toBeLessThan(16);
});
