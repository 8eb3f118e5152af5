// A stolen session that keeps requesting credentials while an operator revokes: what AWS issues after the revocation was
// written would be denied by no policy, so it must not leave the broker.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { addRevoke } from '../../src/admin/commands/revoke.ts';
import { addSessions } from '../../src/admin/commands/sessions.ts';
import { systemClock } from '../../src/clock.ts';
import { runCommand } from '../admin/support.ts';
import { logIn, openTerminal } from '../app/support/command-line.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { signIn } from '../app/support/sign-in.ts';
import { buildBundle } from '../cli/support/bundle.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';

const roleArn = 'arn:aws:iam::444455556666:role/Developer';
const out = mkdtempSync(join(tmpdir(), 'rolegate-race-'));
let demo: TestDemo;
let sts = '';
/** While AWS answers: the answer is held back until this is done. */
let meanwhile: () => Promise<void> = async () => {};

const slowSts = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const answer = await fetch(sts + request.url, { method: 'POST', headers, body: Buffer.concat(chunks) });
  const body = await answer.text();
  await meanwhile();
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' }).end(body);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => slowSts.listen(0, '127.0.0.1', resolve));
  demo = await startTestDemo({
    redisUrl: inject('redisUrl'),
    adjust: (config) => {
      const aws = config['aws'] as { endpoints: Record<string, string> };
      sts = aws.endpoints['sts'] ?? '';
      const slow = `http://127.0.0.1:${(slowSts.address() as AddressInfo).port}`;
      const grant = { accounts: ['payments-dev'], role: 'Developer', maxDuration: '1h' };
      return {
        ...config,
        store: { type: 'redis', url: inject('redisUrl'), keyPrefix: `race-${process.pid}:` },
        aws: { ...aws, endpoints: { ...aws.endpoints, sts: slow } },
        rules: [{ name: 'developers', when: { group: 'CORP\\Domain Users' }, grant }],
      };
    },
  });
});
afterAll(async () => {
  await demo?.close();
  slowSts.close();
  rmSync(out, { recursive: true, force: true });
});

async function issue(user: string) {
  const browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, user);
  const url = `${demo.brokerUrl}/api/v1/credentials`;
  return () => browser.json('POST', url, { roleArn }, { origin: demo.brokerUrl });
}

async function revoke(user: string) {
  const args = ['revoke', '--out', out, '--user', user, '--yes', '--json'];
  const { stdout } = await runCommand(addRevoke, args, async () => demo.config, systemClock);
  return JSON.parse(stdout);
}

test('credentials that AWS issues while they are revoked are not handed out', async () => {
  const request = await issue('alice');
  let revoked: { sessionsEnded: number; credentials: number } | undefined;
  meanwhile = async () => {
    revoked = await revoke('alice@corp.example');
  };
  const answer = await request();
  // The register did not have them yet: no policy denies them.
  expect(revoked).toMatchObject({ sessionsEnded: 1, credentials: 0 });
  expect(answer.status).toBe(401);
  expect(answer.body).not.toContain('ASIA');
  const recorded = demo.audit.filter(({ roleArn: of }) => of === roleArn).map(({ event, code }) => [event, code]);
  expect(recorded.slice(-2)).toEqual([
    ['credentials_issued', undefined],
    ['credentials_refused', 'unauthenticated'],
  ]);
});

test('the twin: while another person is revoked, they are', async () => {
  const request = await issue('bob');
  meanwhile = async () => void (await revoke('alice@corp.example'));
  const answer = await request();
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('ASIA');
});

async function endSessions(kind: 'browser' | 'cli', user: string): Promise<void> {
  const read = async () => demo.config;
  const { stdout } = await runCommand(addSessions, ['sessions', 'list', '--user', user, '--json'], read, systemClock);
  const found = (JSON.parse(stdout) as { sessions: { kind: string; id: string }[] }).sessions.filter(
    (session) => session.kind === kind,
  );
  expect(found).not.toEqual([]);
  for (const { id } of found) {
    await runCommand(addSessions, ['sessions', 'end', '--id', id, '--yes'], read, systemClock);
  }
}

describe('a console that `rolegate console` opens', () => {
  const browser = createHttpBrowser();
  let link: () => Promise<string>;
  let remove = () => {};
  beforeAll(async () => {
    const bundle = await buildBundle();
    const seen = join(out, 'seen');
    const opener = join(out, 'opener');
    writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$1" > ${seen}.new && mv ${seen}.new ${seen}\n`);
    chmodSync(opener, 0o755);
    const terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
    remove = () => {
      terminal.remove();
      bundle.remove();
    };
    meanwhile = async () => {};
    await logIn(terminal, browser, 'bob', '--no-browser');
    link = async () => {
      rmSync(seen, { force: true });
      await terminal.run('console', 'payments-dev/Developer', '--browser', opener);
      await expect.poll(() => existsSync(seen)).toBe(true);
      return readFileSync(seen, 'utf8');
    };
  });
  afterAll(() => {
    browser.close();
    remove();
  });

  test('opens while another session of the person ends', async () => {
    const other = createHttpBrowser();
    await signIn(other, demo.brokerUrl, 'bob');
    other.close();
    const url = await link();
    expect(url).toContain('handle=');
    meanwhile = async () => {};
    const page = await browser.get(url);
    expect(page.status).toBe(200);
    expect(demo.audit.at(-1)).toMatchObject({ event: 'console_opened', user: 'bob@corp.example' });
  });

  test('does not open if the session of the browser has ended meanwhile, though the CLI session lasts', async () => {
    const url = await link();
    meanwhile = () => endSessions('browser', 'bob@corp.example');
    const page = await browser.get(url);
    expect([page.status, new URL(page.url).origin]).toEqual([401, demo.brokerUrl]);
    expect(demo.audit.at(-1)).toMatchObject({ event: 'credentials_refused', code: 'unauthenticated' });
  });
});
