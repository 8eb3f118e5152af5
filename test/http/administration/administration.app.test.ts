// Administration › Keys and metadata, and Configuration: dates, tests, rejected reloads, and never a secret.
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/config.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const adjust = (raw: Raw): Raw => ({
  ...raw,
  portal: { administrators: ['CORP\\Admins'] },
  tests: [{ name: 'engineers develop', groups: ['CORP\\Engineers'], expect: ['payments-dev/Developer'] }],
});

async function administrator() {
  const app = await createApp(adjust);
  const browser = app.browser();
  await browser.signIn('alice');
  return { app, browser };
}

describe('keys and metadata', () => {
  test('have every certificate with its fingerprint and end, the soonest first, and leave a record', async () => {
    const { app, browser } = await administrator();
    const { text } = await browser.get('/admin/keys', accept);
    for (const use of ['Signs assertions for AWS', 'Signs requests to identity providers', 'Signs assertions<']) {
      expect(text).toContain(use);
    }
    expect(text.match(/[0-9A-F]{2}(:[0-9A-F]{2}){31}/g)!.length).toBeGreaterThanOrEqual(3);
    const ends = [...text.matchAll(/data-label="Expires"><div><time datetime="([^"]+)"/g)].map(([, end]) => end!);
    expect(ends.length).toBeGreaterThanOrEqual(3);
    expect(ends).toEqual([...ends].sort());
    const looks = app.audit.lines().filter(({ event }) => event === 'configuration_viewed');
    expect(looks).toMatchObject([{ user: 'alice@corp.example', page: 'keys' }]);
    app.audit.fail();
    expect((await browser.get('/admin/keys', accept)).status).toBe(503);
  });

  test('say when a certificate has expired', async () => {
    const { app } = await administrator();
    app.clock.advance(50 * 365 * 86_400_000);
    const browser = app.browser();
    await browser.signIn('alice');
    expect((await browser.get('/admin/keys', accept)).text).toContain('<span class="tag danger">expired</span>');
  });
});

describe('the configuration', () => {
  test('has its hash, files and tests, and no secret', async () => {
    const { app, browser } = await administrator();
    const { text } = await browser.get('/admin/configuration', accept);
    expect(text).toContain(app.config.source.version);
    expect(text).toContain('engineers develop');
    expect(text).toContain('</svg> passes</span>');
    expect(text).toContain('CORP\\Engineers');
    expect(text).toContain('(secret)');
    for (const secret of app.config.session.secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain('was rejected');
  });

  test('names the problems of a rejected reload until one is good', async () => {
    const { app, browser } = await administrator();
    const reject = () => Promise.reject(new ConfigError('x', ['rules[0].grant: <b> is missing']));
    await app.broker.reload(reject, 'file');
    const { text } = await browser.get('/admin/configuration', accept);
    expect(text).toContain('A changed configuration was rejected');
    expect(text).toContain('rules[0].grant: &lt;b&gt; is missing');
    await app.broker.reload(async (config) => ({ config, changes: [], needRestart: ['listen.port'] }), 'file');
    const { text: after } = await browser.get('/admin/configuration', accept);
    expect(after).not.toContain('was rejected');
    expect(after).toContain('listen.port');
  });
});
