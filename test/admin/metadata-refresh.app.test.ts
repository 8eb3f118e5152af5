// `rolegate-server metadata refresh`: what it says, what it stores, and the process that an operator runs.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { buildMetadata } from '../../emulators/adfs/metadata.ts';
import { refreshMetadata } from '../../src/admin/metadata-refresh.ts';
import type { MetadataCopies, MetadataCopy } from '../../src/broker/idp-metadata/metadata-copies.ts';
import { certificateFacts } from '../../src/saml/metadata/certificate.ts';
import * as server from '../broker/idp-metadata/support/metadata-server.ts';
import {
  change,
  createWorkplace,
  env,
  goodProduction,
  load,
  now,
  type Raw,
  type Workplace,
} from '../config/support/workplace.ts';
import { createTestClock } from '../support/clock.ts';
import { keyPair } from '../support/key-pairs.ts';
import { buildServerProgram, type ServerProgram } from '../support/server-program.ts';

let workplace: Workplace;
let source: server.MetadataServer;
const keys = [keyPair('idp-signing'), keyPair('idp-signing-next'), keyPair('idp-encryption')];
beforeAll(async () => {
  [workplace, source] = await Promise.all([createWorkplace(), server.startMetadataServer()]);
});
afterAll(async () => {
  await source.close();
  workplace.remove();
});
beforeEach(() => source.answer(server.document(metadata(0))));

function metadata(signing: 0 | 1): string {
  const input = { entityId: 'http://adfs.example/adfs/services/trust', url: 'https://adfs.example' };
  return buildMetadata({ ...input, signing: keys[signing]!, secondarySigning: undefined, encryption: keys[2]! });
}

const fingerprint = (index: number) => certificateFacts(keys[index]!.cert).fingerprint;
const fromUrl = () => change(goodProduction(), 'identityProviders[0].metadata', { url: source.url });

function memoryCopies(): MetadataCopies & { readonly kept: Map<string, MetadataCopy> } {
  const kept = new Map<string, MetadataCopy>();
  return { kept, read: async (idp) => kept.get(idp), keep: async (idp, _url, copy) => void kept.set(idp, copy) };
}

async function refresh(raw: Raw, copies?: MetadataCopies, isDryRun = false) {
  const deps = { clock: createTestClock(now), fetch: source.fetch, copies, isDryRun };
  return refreshMetadata(await load(workplace, raw), deps);
}

describe('refreshMetadata', () => {
  test('says what the metadata says, stores it, and says what has changed the next time', async () => {
    const copies = memoryCopies();
    const first = await refresh(fromUrl(), copies);
    expect(first.isGood).toBe(true);
    expect(first.text.split('\n')).toEqual([
      `adfs: ${source.url}`,
      '  entityID http://adfs.example/adfs/services/trust',
      '  sign-in https://adfs.example/adfs/ls/',
      '  logout https://adfs.example/adfs/ls/',
      '  valid until further notice',
      `  certificate idp-signing of adfs: CN=ADFS Signing - adfs.example, until 2044-01-01, SHA-256 ${fingerprint(0)}`,
      '  no copy in the store to compare with',
      '  stored: running processes take it up within a minute',
    ]);
    expect((await refresh(fromUrl(), copies)).text).toContain('  unchanged\n');
    source.answer(server.document(metadata(1).replaceAll('https://adfs.example', 'https://sts.example')));
    const changed = await refresh(fromUrl(), copies);
    expect(changed.text.split('\n').filter((line) => line.includes('CHANGED'))).toEqual([
      `  CHANGED: new certificate ${fingerprint(1)}`,
      `  CHANGED: certificate gone ${fingerprint(0)}`,
      '  CHANGED: ssoRedirectUrl is now https://sts.example/adfs/ls/',
      '  CHANGED: sloRedirectUrl is now https://sts.example/adfs/ls/',
      '  CHANGED: sloResponseUrl is now https://sts.example/adfs/ls/',
    ]);
    expect(copies.kept.get('adfs')?.xml).toContain('https://sts.example/adfs/ls/');
  });

  test('stores nothing in a dry run', async () => {
    const copies = memoryCopies();
    const { text, isGood } = await refresh(fromUrl(), copies, true);
    expect(isGood).toBe(true);
    expect(text).toContain('not stored (dry run)');
    expect(copies.kept.size).toBe(0);
  });

  test('says that a memory store shares nothing', async () => {
    expect((await refresh(fromUrl())).text).toContain('the store is memory, so restart the broker');
  });

  const bad: [string, () => server.Answer, RegExp][] = [
    ['an error', () => server.notFound, /FAILED: answered 404/],
    ['a page', () => server.signInPage, /FAILED: /],
    [
      'an address that is not https',
      () => server.document(metadata(0).replaceAll('https:', 'http:')),
      /FAILED: .*not https/,
    ],
  ];
  for (const [name, answer, failed] of bad) {
    test(`fails on ${name} and stores nothing`, async () => {
      source.answer(answer());
      const copies = memoryCopies();
      const { text, isGood } = await refresh(fromUrl(), copies);
      expect(isGood).toBe(false);
      expect(text).toMatch(failed);
      expect(text).toContain('running processes keep what they have');
      expect(copies.kept.size).toBe(0);
    });
  }

  test('reads every identity provider, also after one that failed', async () => {
    const raw = fromUrl();
    const [first] = raw['identityProviders'] as Raw[];
    const broken = { ...first, id: 'broken', metadata: { url: `${source.url}?broken` } };
    source.answer((request, response) =>
      (request.url?.endsWith('broken') ? server.notFound : server.document(metadata(0)))(request, response),
    );
    const { text, isGood } = await refresh({ ...raw, identityProviders: [broken, first!] }, memoryCopies());
    expect(isGood).toBe(false);
    expect(text).toMatch(/^broken: .*\n {2}FAILED: answered 404/);
    expect(text).toContain('adfs: ');
    expect(text).toContain('stored: running processes');
  });

  test('refuses two addresses of one entityID', async () => {
    const raw = fromUrl();
    const [first] = raw['identityProviders'] as Raw[];
    const twin = { ...first, id: 'twin', metadata: { url: `${source.url}?twin` } };
    const { text } = await refresh({ ...raw, identityProviders: [first!, twin] }, memoryCopies());
    expect(text).toContain('FAILED: it has the entityID of identity provider adfs');
  });

  test('prints what a file holds', async () => {
    workplace.write('one.xml', metadata(0));
    const raw = change(goodProduction(), 'identityProviders[0].metadata', { file: 'one.xml' });
    const { text, isGood } = await refresh(raw, memoryCopies());
    expect(isGood).toBe(true);
    expect(text).toContain(fingerprint(0));
    expect(text).toContain('running processes read a changed file within a minute');
  });
});

describe('the command', () => {
  let program: ServerProgram;
  beforeAll(async () => {
    program = await buildServerProgram();
  });
  afterAll(() => program.remove());
  const run = (raw: Raw, ...more: string[]) => {
    writeFileSync(workplace.path('rolegate.yaml'), stringify(raw));
    workplace.write('ca.crt', source.caCertificate);
    const command = [program.file, 'metadata', 'refresh', '--config', workplace.path('rolegate.yaml')];
    const environment = { ...process.env, ...env, NODE_EXTRA_CA_CERTS: workplace.path('ca.crt') };
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [...command, ...more], { env: environment }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  };
  const withRedis = () =>
    change(fromUrl(), 'store', { type: 'redis', url: inject('redisUrl'), keyPrefix: `refresh-${process.pid}:` });

  test("fetches with Node's own fetch, stores in Redis, and finds the copy the next time", async () => {
    const first = await run(withRedis());
    expect(first.code).toBe(0);
    // The audit trail is on stdout by default, and stdout holds the answer.
    const [record = ''] = first.stderr.split('\n');
    expect(JSON.parse(record)).toMatchObject({ event: 'metadata_stored', idp: 'adfs', certificates: [fingerprint(0)] });
    expect(first.stdout).toContain('no copy in the store');
    source.answer(server.document(metadata(1)));
    const dry = await run(withRedis(), '--dry-run');
    expect(dry.stderr).toBe('');
    expect(dry.stdout).toContain(`CHANGED: new certificate ${fingerprint(1)}`);
    const second = await run(withRedis());
    expect(second.stdout).toContain(`CHANGED: new certificate ${fingerprint(1)}`);
  });

  const failures: [string, server.Answer, RegExp][] = [
    ['a redirect', server.redirect, /FAILED: .*redirect/],
    ['a body without end', server.endless, /FAILED: answered more than 2 MiB/],
  ];
  for (const [name, answer, failed] of failures) {
    test(`ends with 1 on ${name}`, async () => {
      source.answer(answer);
      const outcome = await run(withRedis());
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toMatch(failed);
    });
  }
});
