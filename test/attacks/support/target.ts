// A running broker to attack: real listeners, four identity providers whose keys the tests hold, an AWS emulator behind
// it. Its clock is frozen at the response builder's `now`, so that tests can meet every edge of time exactly.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type CloudTrailLikeEvent, startAws } from '../../../emulators/aws/server.ts';
import { trustPolicy } from '../../../examples/demo/company.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { createLogger } from '../../../src/log.ts';
import { systemRandom } from '../../../src/random.ts';
import { compose } from '../../../src/wiring/compose.ts';
import { listen } from '../../../src/wiring/listen.ts';
import { publishMetadata } from '../../../src/wiring/published-metadata.ts';
import { createLineCollector } from '../../app/support/lines.ts';
import { groupClaim, idpEntityId, now, spEntityId } from '../../saml/support/response-builder.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { type KeyPair, keyPair, writeKeyPairs } from '../../support/key-pairs.ts';
import { createWire, type Wire } from './wire.ts';

/** `adfs` wants signed assertions, `message` signed responses, `strict` both; `portal` may begin sign-ins by itself. */
export const entityIds = {
  adfs: idpEntityId,
  message: 'https://message.example.com/idp',
  strict: 'https://strict.example.com/idp',
  portal: 'https://portal.example.com/idp',
} as const;
export type IdpId = keyof typeof entityIds;
const idpIds = ['adfs', 'message', 'strict', 'portal'] as const satisfies readonly IdpId[];

export const targetKeys: Target['keys'] = {
  adfs: keyPair('idp-signing'),
  message: keyPair('idp-signing-next'),
  strict: keyPair('federation'),
  portal: keyPair('minting-next'),
};

const account = '444455556666';
export const developer = `arn:aws:iam::${account}:role/Developer`;

export interface Target {
  readonly wire: Wire;
  readonly operationsUrl: string;
  readonly clock: TestClock;
  readonly keys: Readonly<Record<IdpId, KeyPair>>;
  /** In use, and the one before it. */
  readonly decryption: readonly [KeyPair, KeyPair];
  readonly stranger: KeyPair;
  readonly audit: readonly Record<string, unknown>[];
  readonly sts: readonly CloudTrailLikeEvent[];
  close(): Promise<void>;
}

/** @param adfs the key pair of `adfs`, and the authority whose certificate its metadata also contains */
export async function startTarget(adfs?: { readonly signing: KeyPair; readonly authority: KeyPair }): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-attacks-'));
  const clock = createTestClock(now);
  const keys = { ...targetKeys, adfs: adfs?.signing ?? targetKeys.adfs };
  const files = (name: string) => ({ key: `${name}.key`, cert: `${name}.crt` });
  const [newer, older] = [keyPair('sp-decryption'), keyPair('sp-decryption-earlier')];
  for (const id of idpIds) {
    const authorities = id === 'adfs' && adfs ? [adfs.authority] : [];
    writeFileSync(join(directory, `${id}.xml`), metadataOf(entityIds[id], [keys[id], ...authorities]));
  }
  writeKeyPairs(directory, { minting: 'minting', newer: 'sp-decryption', older: 'sp-decryption-earlier' });
  const aws = await startAws({ now: clock.now, estate: { accounts: [] } });
  const written = configuration(aws.url, {
    minting: files('minting'),
    decryption: [files('newer'), files('older')],
  });
  const config = await parseConfig(stringify(written), { source: 'attacks', directory, env: {}, now });
  aws.setEstate(estate(publishMetadata(config).aws));
  const [log, audit] = [createLineCollector(), createLineCollector()];
  const world = {
    clock,
    random: systemRandom,
    log: createLogger('error', log.stream),
    auditStream: audit.stream,
    fetch,
  };
  const broker = compose(config, world);
  await broker.start();
  const listening = await listen(config, broker);
  const wire = createWire(listening.publicPort, new URL(config.baseUrl).host);
  return {
    ...{
      wire,
      clock,
      keys,
      decryption: [newer, older],
      stranger: keyPair('stranger'),
      audit: audit.lines,
      sts: aws.events,
    },
    operationsUrl: `http://127.0.0.1:${listening.operationsPort}`,
    close: async () => {
      wire.close();
      await listening.close();
      await aws.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface KeyFiles {
  readonly key: string;
  readonly cert: string;
}

function configuration(awsUrl: string, keys: { minting: KeyFiles; decryption: readonly KeyFiles[] }) {
  const baseUrl = 'https://rolegate.example.com';
  const grant = (role: string) => ({ accounts: [account], role });
  const idp = (id: IdpId, change: object) => ({
    id,
    label: id,
    metadata: { file: `${id}.xml` },
    clockSkew: '0s',
    attributes: { user: { nameId: true }, groups: groupClaim },
    ...change,
  });
  return {
    mode: 'development',
    baseUrl,
    listen: { port: 0, trustProxy: ['127.0.0.1'] },
    operations: { port: 0 },
    store: { type: 'memory' },
    session: { secrets: ['a secret of the tests, 32 characters and more'] },
    serviceProvider: { entityId: spEntityId, encryption: keys.decryption },
    identityProviders: [
      idp('adfs', {}),
      idp('message', { want: { assertionsSigned: false, responseSigned: true } }),
      idp('strict', { want: { assertionsSigned: true, responseSigned: true } }),
      idp('portal', { unsolicited: { allowed: true, returnTo: ['/signed-out'] } }),
    ],
    aws: {
      region: 'eu-west-1',
      provider: 'rolegate',
      issuer: `${baseUrl}/aws/saml-metadata.xml`,
      signing: keys.minting,
      endpoints: { sts: awsUrl, signin: awsUrl },
    },
    accounts: [{ id: account, alias: 'payments-dev' }],
    rules: [
      { name: 'developers', when: { group: 'CORP\\AWS-Dev' }, grant: grant('Developer') },
      { name: 'administrators', when: { group: 'CORP\\AWS-Admin' }, grant: grant('Admin') },
      {
        name: 'with a second factor',
        when: { group: 'CORP\\AWS-Ops' },
        grant: { ...grant('Operator'), require: { authnContext: 'mfa' } },
      },
    ],
    audit: { type: 'stdout' },
    // All of them, since each attack is judged by its record; and as many attacks as there are.
    limits: { refusalRecords: { perMinute: 1_000_000 }, signIn: { perMinute: 0 } },
  };
}

function estate(brokerMetadata: string) {
  const roles = ['Developer', 'Admin', 'Operator'].map((name) => ({ name, trustPolicy: trustPolicy(account) }));
  return { accounts: [{ id: account, name: 'Payments', roles, samlProviders: { rolegate: brokerMetadata } }] };
}

function metadataOf(entityId: string, pairs: readonly KeyPair[]): string {
  const certificates = pairs.map(
    ({ cert }) => `<X509Certificate>${cert.replace(/-----[A-Z ]+-----|\s/g, '')}</X509Certificate>`,
  );
  return (
    `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">` +
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">' +
    '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>' +
    `${certificates.join('')}</X509Data></KeyInfo></KeyDescriptor>` +
    '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>' +
    '</IDPSSODescriptor></EntityDescriptor>'
  );
}
