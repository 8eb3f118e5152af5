// The signed release of a configured folder: its files and nothing else, on the page, and for `rolegate update`.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { update } from '../../../src/cli/update/update.ts';
import { createMachine } from '../../cli/support/machine.ts';
import { copyRelease, createKey, type Offer, type ReleaseKey, signRelease } from '../../cli/support/releases.ts';
import { endsWithUs } from '../../support/children.ts';
import { type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const program = '#!/bin/sh\nif [ "$1" = --version ]; then echo 0.3.0; else echo rolegate "$@"; fi\n';
const script = "console.log('0.3.0');\n";

let folder: string;
let key: ReleaseKey;
let offer: Offer;
let app: TestApp;
let server: Server;
let url: string;

beforeAll(async () => {
  key = createKey();
  folder = mkdtempSync(join(tmpdir(), 'rolegate-releases-'));
  server = createServer((request, response) => {
    // The name under which the broker knows itself.
    request.headers.host = '127.0.0.1:8080';
    app.broker.app(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const archive = (platform: string, name: string) => {
    const inside = join(folder, 'inside', `rolegate-0.3.0-${platform}`);
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, name), program, { mode: 0o755 });
    return execFileSync('tar', ['-cz', '-C', join(folder, 'inside'), `rolegate-0.3.0-${platform}`]);
  };
  offer = signRelease(key, '0.3.0', [
    { platform: 'any', format: 'script', content: Buffer.from(script) },
    ...['linux-x64', 'linux-arm64', 'darwin-arm64'].map((platform) => ({
      ...{ platform, format: 'tar.gz' as const },
      content: archive(platform, 'rolegate'),
    })),
    ...['win32-x64', 'win32-arm64'].map((platform) => ({
      ...{ platform, format: 'tar.gz' as const },
      content: archive(platform, 'rolegate.exe'),
    })),
  ]);
  rmSync(join(folder, 'inside'), { recursive: true });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
  rmSync(key.folder, { recursive: true });
});
beforeEach(async () => {
  copyRelease(offer, folder);
  writeFileSync(join(folder, 'secret.txt'), 'not for people');
  app = await createApp((raw) => ({ ...raw, commandLine: { releases: folder } }));
});

const linux = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15';

const page = async (headers: Record<string, string> = {}) => (await app.browser().get('/cli', headers)).text;
const file = '/cli/releases/rolegate-0.3.0-linux-x64.tar.gz';

test('serves manifest, signature and files, each for ever under its name', async () => {
  const browser = app.browser();
  const answer = await browser.get(file);
  const [, sha256] = /linux-x64[^}]*"sha256":"([0-9a-f]{64})"/.exec(String(offer.get('/cli/release.json')))!;
  expect(answer.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="rolegate-0.3.0-linux-x64.tar.gz"',
    'cache-control': 'public, max-age=31536000, immutable',
    'repr-digest': `sha-256=:${Buffer.from(sha256!, 'hex').toString('base64')}:`,
    etag: `"${sha256}"`,
  });
  expect(answer.body).toEqual(offer.get(file));
  expect((await browser.get(file, { 'If-None-Match': `"${sha256}"` })).status).toBe(304);
  expect((await browser.get(file, { Range: 'bytes=0-9' })).status).toBe(200);
  for (const path of ['/cli/release.json', '/cli/release.json.minisig']) {
    const { text, headers } = await browser.get(path);
    expect([text, headers['cache-control']]).toEqual([String(offer.get(path)), 'no-cache']);
  }
  expect((await browser.get('/cli/rolegate.cjs')).text).toBe(script);
});

test('a name that the manifest does not hold is not there', async () => {
  const browser = app.browser();
  const own = 'rolegate-0.3.0-linux-x64.tar.gz';
  for (const name of ['secret.txt', 'release.json', '..%2Frelease.json', '%2e%2e', '.', `${own}%00`, `.%2f${own}`]) {
    expect([name, (await browser.get(`/cli/releases/${name}`)).status]).toEqual([name, 404]);
  }
});

test('the page has the files by platform, and marks the system of the reader', async () => {
  const text = await page({ 'User-Agent': linux });
  expect(text).toMatch(/<div>Linux, x64 <span class="tag plain">Your system<\/span><\/div>/);
  expect(text.match(/Your system/g)).toHaveLength(1);
  expect(text).toContain('<h2 id="files">Files of release 0.3.0</h2>');
  expect(text).toContain(`<a href="${file}" download>`);
  const onMac = await page({ 'User-Agent': mac, 'Accept-Language': 'ko' });
  expect(onMac).toMatch(/macOS, Apple silicon <span class="tag plain">내 시스템<\/span>/);
  expect(onMac).toContain('릴리스 0.3.0의 파일');
  expect(await page({ 'User-Agent': 'curl/8' })).not.toContain('Your system');
  expect(text).toMatch(/\$f = .*win32-x64.*[\s\S]*PROCESSOR_ARCHITECTURE -eq .*ARM64.*win32-arm64/);
});

test('its lines install the executable of this machine, in a shell', async () => {
  const [, escaped = ''] = /<pre id="unix-executable-lines"[^>]*>([^<]*)</.exec(await page())!;
  const lines = escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity]!);
  const home = mkdtempSync(join(tmpdir(), 'rolegate-home-'));
  const env = { PATH: process.env['PATH'], HOME: home };
  // The address of the broker is that of the configuration.
  const here = lines.replace(
    'curl -fsSL -o rolegate.tar.gz "http://127.0.0.1:8080',
    `curl -fsSL -o rolegate.tar.gz "${url}`,
  );
  const ended = await runShell(here, env);
  expect(ended).toEqual({ status: 0, stdout: 'rolegate.tar.gz: OK\nrolegate init http://127.0.0.1:8080\n' });
  expect(readFileSync(join(home, '.local/bin/rolegate'), 'utf8')).toBe(program);
  writeFileSync(join(home, '.local/bin/rolegate'), 'the old one');
  expect((await runShell(here.replace(/h=./g, 'h='), env)).status).not.toBe(0);
  expect(readFileSync(join(home, '.local/bin/rolegate'), 'utf8')).toBe('the old one');
  rmSync(home, { recursive: true });
});

const entities: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" },
};

test('`rolegate update` gets it from the broker', async () => {
  const machine = createMachine();
  const installed = join(machine.home, 'rolegate.cjs');
  writeFileSync(installed, 'old');
  const context = { ...machine.context, argv0: [process.execPath, installed] };
  await update(context, { broker: url }, { version: '0.2.0', keys: [key.publicKey] });
  expect(readFileSync(installed, 'utf8')).toBe(script);
  machine.remove();
});

test('every answer of the API says which version there is', async () => {
  await page();
  const { headers } = await app.browser().get('/api/v1/me');
  expect(headers['rolegate-version']).toBe('0.3.0;signed');
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const other = await createApp();
  expect((await other.browser().get('/api/v1/me')).headers['rolegate-version']).toBe(version);
  expect((await other.browser().get('/cli/release.json')).status).toBe(404);
});

test('a new release is taken up while the broker runs, and one that is not complete is not offered', async () => {
  expect(await page()).toContain('Files of release 0.3.0');
  copyRelease(signRelease(key, '0.4.0', [{ platform: 'any', format: 'script', content: Buffer.from('4') }]), folder);
  expect(await page()).toContain('Files of release 0.3.0');
  app.clock.advance(10_000);
  expect(await page()).toContain('Files of release 0.4.0');
  expect((await app.browser().get('/cli/rolegate.cjs')).text).toBe('4');
  expect((await app.browser().get(file)).status).toBe(404);

  copyRelease(signRelease(key, '0.5.0', [{ platform: 'any', format: 'script', content: Buffer.from('5') }]), folder);
  writeFileSync(join(folder, 'rolegate-0.5.0-any.script'), '?');
  app.clock.advance(10_000);
  expect(await page()).not.toContain('Files of release');
  expect(app.log.text()).toContain('rolegate-0.5.0-any.script is not the file in release.json');
  unlinkSync(join(folder, 'release.json.minisig'));
  app.clock.advance(10_000);
  expect((await app.browser().get('/cli/release.json')).status).toBe(404);
});

test('a folder that is not there is an error of the configuration', async () => {
  const wrong = createApp((raw) => ({ ...raw, commandLine: { releases: join(folder, 'none') } }));
  await expect(wrong).rejects.toThrow(/commandLine\.releases: \S+none is not a folder/);
});

async function runShell(text: string, env: NodeJS.ProcessEnv) {
  const child = endsWithUs(spawn('sh', ['-c', text], { env, stdio: ['ignore', 'pipe', 'ignore'] }));
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout };
}
