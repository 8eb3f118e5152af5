// The page that offers the command line, and its lines in a real shell.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { readCliFile } from '../../../src/http/cli-sign-in/cli-file.ts';
import { createCliOffer } from '../../../src/http/cli-sign-in/cli-offer.ts';
import { cliDownloadRoutes } from '../../../src/http/cli-sign-in/download-routes.ts';
import { createPageContext } from '../../../src/http/page/page-context.ts';
import { createLogger } from '../../../src/log.ts';
import { endsWithUs } from '../../support/children.ts';
import { createTestClock } from '../../support/clock.ts';
import { findOnPath } from '../../support/parts/find-part.mjs';
import { useApp } from '../support/app.ts';

const createApp = useApp();
const log = createLogger('error');
const command = "#!/usr/bin/env node\nconsole.log('rolegate', process.argv.slice(2).join(' '));\n";
const sha256 = createHash('sha256').update(command).digest('hex');

let folder: string;
let server: Server;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-download-'));
  const file = join(folder, 'rolegate.cjs');
  writeFileSync(file, command);
  const app = express();
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { baseUrl: url, portal: { name: 'AWS access' }, cliSignIn: {} } as Config;
  const clock = createTestClock();
  const services = { config, clock, pageContext: createPageContext(config, clock) };
  const offer = createCliOffer({ ...services, log }, () => readCliFile([join(folder, 'none'), file]));
  app.use(cliDownloadRoutes(services, offer));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const linesOf = (page: string, id: string) =>
  new RegExp(`<pre id="${id}-lines"[^>]*>([^<]*)</pre>`)
    .exec(page)![1]!
    .replace(
      /&(amp|lt|gt|quot|#39);/g,
      (entity) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' })[entity] ?? "'",
    );

describe('GET /cli/rolegate.cjs', () => {
  test('sends the file, and its hash in ways that caches and clients understand', async () => {
    const answer = await fetch(`${url}/cli/rolegate.cjs`);
    expect(await answer.text()).toBe(command);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-disposition': 'attachment; filename="rolegate.cjs"',
      'cache-control': 'no-cache',
      etag: `"${sha256}"`,
      'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    });
    // Without the other header fetch() would ask past every cache.
    const headers = { 'If-None-Match': `"${sha256}"`, 'Cache-Control': 'max-age=0' };
    const again = await fetch(`${url}/cli/rolegate.cjs`, { headers });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

describe('GET /cli', () => {
  // They are pasted into any shell.
  const found = ['sh', 'bash', 'zsh', 'fish'].filter((shell) => findOnPath(shell));

  test.each(found)('has lines that install what they name, in %s', async (shell) => {
    const lines = linesOf(await (await fetch(`${url}/cli`)).text(), 'unix');
    const home = mkdtempSync(join(folder, 'home-'));
    const ended = await runShell(shell, lines, home);
    expect(ended.stdout).toMatch(new RegExp(`^rolegate\\.new: \\S+\nrolegate init ${url}\n$`));
    const installed = join(home, '.local/bin/rolegate');
    expect(readFileSync(installed, 'utf8')).toBe(command);
    expect(statSync(installed).mode & 0o111).toBe(0o111);

    writeFileSync(installed, 'the old one');
    const refused = await runShell(shell, lines.replace(sha256, '0'.repeat(64)), home);
    expect(refused.status).not.toBe(0);
    expect(readFileSync(installed, 'utf8')).toBe('the old one');
  });

  test('names the hash and the broker for PowerShell too, and speaks the reader’s language', async () => {
    const page = await (await fetch(`${url}/cli`, { headers: { 'Accept-Language': 'ko' } })).text();
    expect(page).toContain('<html lang="ko"');
    expect(linesOf(page, 'by-hand')).toBe(sha256);
    expect(linesOf(page, 'windows')).toContain(`-ne '${sha256}'`);
    expect(linesOf(page, 'windows')).toContain(`init '${url}'`);
  });

  test('is there for everybody, and says so where nothing was built', async () => {
    expect(await readCliFile([join(folder, 'none')])).toBeUndefined();
    const browser = (await createApp()).browser();
    const answer = await browser.get('/cli', { Accept: 'text/html' });
    expect(answer.status).toBe(200);
    const isBuilt = (await readCliFile()) !== undefined;
    expect(answer.text.includes('The file is not on this server')).toBe(!isBuilt);
    expect((await browser.get('/cli/rolegate.cjs')).status).toBe(isBuilt ? 200 : 404);
  });
});

async function runShell(shell: string, script: string, home: string) {
  const child = endsWithUs(
    spawn(shell, ['-c', script], {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout };
}
