// The command that starts all three.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { endsWithUs } from '../../test/support/children.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'rolegate-emulators-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ready {
  readonly adfs: { readonly url: string; readonly metadataUrl: string };
  readonly aws: { readonly url: string };
  readonly openid: { readonly issuer: string };
}

function start(...options: string[]) {
  const child = endsWithUs(spawn(process.execPath, ['--import', 'tsx', program, ...options]));
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const ready = new Promise<Ready>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      const [, json] = /^emulators ready (\{.*\})$/m.exec(stdout) ?? [];
      if (json !== undefined) resolve(JSON.parse(json) as Ready);
    });
    void ended.then(() => reject(new Error(`ended without being ready:\n${stderr}`)));
  });
  ready.catch(() => {}); // not every test waits for it
  return { child, ready, ended };
}

test('starts all three on free ports, prints where they are, and ends with SIGTERM', async () => {
  const keys = join(directory, 'keys');
  const { child, ready, ended } = start('--port', '0', '--keys', keys);
  const { adfs, aws, openid } = await ready;
  const metadata = await (await fetch(adfs.metadataUrl)).text();
  expect(metadata).toContain('IDPSSODescriptor');
  const discovery = (await (await fetch(`${openid.issuer}/.well-known/openid-configuration`)).json()) as object;
  expect(discovery).toMatchObject({ issuer: openid.issuer });
  expect((await fetch(`${aws.url}/?Action=GetCallerIdentity&Version=2011-06-15`)).status).toBe(403);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });

  const again = start('--port', '0', '--keys', keys);
  const certificateIn = (xml: string) => /<(?:ds:)?X509Certificate>([^<]+)/.exec(xml)?.[1];
  const next = await (await fetch((await again.ready).adfs.metadataUrl)).text();
  expect(certificateIn(next)).toBe(certificateIn(metadata));
  again.child.kill('SIGINT');
  expect(await again.ended).toMatchObject({ code: 0 });
});

test('a port that is taken is an error with a way out', async () => {
  const first = start('--port', '0');
  const { port } = new URL((await first.ready).aws.url);
  const second = await start('--port', `${Number(port) - 1}`).ended;
  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--port takes the first of three free ports'),
  });
  first.child.kill();
});

test.each([['--prot', '1'], ['stray']])('%s is refused with code 2', async (...options) => {
  expect(await start(...options).ended).toMatchObject({ code: 2, stdout: '' });
});

test('--port has to be a port', async () => {
  expect(await start('--port', 'http').ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--port http'),
  });
});

test('--help prints every option', async () => {
  const { code, stdout } = await start('--help').ended;
  expect(code).toBe(0);
  for (const option of ['--port', '--saml-metadata', '--client-secret', '--keys']) expect(stdout).toContain(option);
});
