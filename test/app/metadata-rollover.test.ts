// The identity provider changes its key while people sign in: as AD FS does by itself, at once by an administrator, and
// with a broker that restarts while the identity provider is down.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../emulators/adfs/server.ts';
import { people } from '../../examples/demo/company.ts';
import { sampleConfig } from '../../examples/demo/start.ts';
import { refreshMetadata } from '../../src/admin/metadata-refresh.ts';
import { systemClock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/log.ts';
import { systemRandom } from '../../src/random.ts';
import { certificateFacts } from '../../src/saml/metadata/certificate.ts';
import { compose } from '../../src/wiring/compose.ts';
import { type Listening, listen } from '../../src/wiring/listen.ts';
import { openMetadataCopies } from '../../src/wiring/stores.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { type KeyPair, keyPair } from '../support/key-pairs.ts';
import { createManualTimers, isLook } from '../support/manual-timers.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { createLineCollector } from './support/lines.ts';
import { signIn } from './support/sign-in.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-rollover-'));
let port: number;
let keys: KeyPair[];
let config: Config;
let adfs: Adfs | undefined;
let broker: Running | undefined;

interface Running {
  readonly lines: readonly Record<string, unknown>[];
  /** What a running process does once a minute. */
  look(): Promise<void>;
  close(): Promise<void>;
}

beforeAll(async () => {
  port = await freeConsecutivePorts(4);
  keys = [keyPair('idp-signing'), keyPair('idp-signing-next'), keyPair('federation'), keyPair('idp-encryption')];
  adfs = await startIdp(keys[0]!, keys[1]);
  const sample = sampleConfig({ port, redisUrl: inject('redisUrl') });
  const [idp] = sample['identityProviders'] as Record<string, unknown>[];
  const text = stringify({
    ...sample,
    store: { type: 'redis', url: inject('redisUrl'), keyPrefix: `rollover-${process.pid}:` },
    identityProviders: [{ ...idp, metadata: { url: adfs.metadataUrl } }],
    audit: { type: 'stdout' },
  });
  const env = { SESSION_SECRET: systemRandom(32).toString('base64url') };
  config = await parseConfig(text, { source: 'rollover', directory, env, now: systemClock.now() });
  trust(adfs);
  broker = await startBroker();
});

afterAll(async () => {
  await broker?.close();
  await adfs?.close();
  rmSync(directory, { recursive: true });
});

function startIdp(signing: KeyPair, secondarySigning: KeyPair | undefined): Promise<Adfs> {
  return startAdfs({
    ...{ port: port + 1, now: systemClock.now, users: people, relyingParties: [], encryption: keys[3]! },
    ...{ signing, loopDetection: false, ...(secondarySigning && { secondarySigning }) },
  });
}

function trust(idp: Adfs): void {
  const { entityId, signing } = config.serviceProvider;
  idp.setRelyingParties([{ entityId, acsUrl: config.acsUrl, signingCertificates: [signing!.certificate] }]);
}

async function startBroker(): Promise<Running> {
  const lines = createLineCollector();
  const timers = createManualTimers();
  const log = createLogger('info', lines.stream);
  const world = { clock: systemClock, random: systemRandom, log, auditStream: lines.stream, fetch, timers };
  const composed = compose(config, world);
  await composed.start();
  const listening: Listening = await listen(config, composed);
  return { lines: lines.lines, look: () => timers.take('look', isLook).act(), close: () => listening.close() };
}

/** Alice, in a browser of her own. */
async function signInAlice(): Promise<number> {
  const browser = createHttpBrowser();
  try {
    return (await signIn(browser, config.baseUrl, 'alice')).status;
  } finally {
    browser.close();
  }
}

const fingerprint = (index: number) => certificateFacts(keys[index]!.cert).fingerprint;

test('the secondary key signs from one moment to the next, without an interruption', async () => {
  expect(await signInAlice()).toBe(200);
  adfs!.promoteSecondary();
  expect(await signInAlice()).toBe(200);
});

test('an urgent swap does not interrupt sign-in: an unknown key makes the broker read the metadata again', async () => {
  await adfs!.close();
  adfs = await startIdp(keys[2]!, undefined);
  trust(adfs);
  expect(await signInAlice()).toBe(200);
  expect(broker!.lines.filter(({ event }) => event === 'idp_metadata_changed')).toMatchObject([
    {
      ...{ idp: 'adfs', origin: 'url', addedCertificates: [fingerprint(2)] },
      removedCertificates: [fingerprint(0), fingerprint(1)],
    },
  ]);
});

test('an urgent swap within the same minute waits for `metadata refresh`; then the process takes it up by itself', async () => {
  await adfs!.close();
  adfs = await startIdp(keys[0]!, undefined);
  trust(adfs);
  expect(await signInAlice()).toBe(403);
  await broker!.look();
  expect(await signInAlice()).toBe(403);
  const world = { clock: systemClock, random: systemRandom, log: createLogger('error') };
  const shared = await openMetadataCopies(config, world);
  const deps = { clock: systemClock, fetch, copies: shared?.copies, isDryRun: false };
  const report = await refreshMetadata(config, deps);
  await shared?.close();
  expect(report.text).toContain(`CHANGED: new certificate ${fingerprint(0)}`);
  await broker!.look();
  expect(await signInAlice()).toBe(200);
  expect(broker!.lines.filter(({ event }) => event === 'idp_metadata_changed').at(-1)).toMatchObject({
    ...{ idp: 'adfs', origin: 'store', addedCertificates: [fingerprint(0)] },
    removedCertificates: [fingerprint(2)],
  });
});

test('a broker that restarts while the identity provider is down sends people there as soon as it is back', async () => {
  await broker!.close();
  await adfs!.close();
  broker = await startBroker();
  const login = await fetch(`${config.baseUrl}/login`, { redirect: 'manual' });
  expect(login.headers.get('location')).toMatch(new RegExp(`^${adfs!.ssoUrl}\\?SAMLRequest=`));
  adfs = await startIdp(keys[2]!, undefined);
  trust(adfs);
  expect(await signInAlice()).toBe(200);
});
