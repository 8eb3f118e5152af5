// What a company may change in the looks of the portal: name, logo, colour, announcement, whom to ask.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { escapeHtml } from '../../../src/http/page/html.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { hostile, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const logo = fileURLToPath(new URL('../../../src/http/page/assets/icon.svg', import.meta.url));
const branded = (portal: object) => (raw: Raw) => ({ ...raw, portal });

describe('the logo', () => {
  test('is in the head of every page, and is served with its own type', async () => {
    const { browser } = await createApp(branded({ logo, name: 'Sample AWS' }));
    const page = await browser().get('/signed-out', accept);
    expect(page.text).toContain(
      '<img class="logo" src="/assets/brand-logo" alt="" height="32"><span>Sample AWS</span>',
    );
    const image = await browser().get('/assets/brand-logo');
    expect([image.status, image.get('Content-Type'), image.get('Cache-Control')]).toEqual([
      ...[200, 'image/svg+xml', 'public, max-age=300'],
    ]);
    expect(image.body.toString()).toContain('<svg');
  });

  test('can do nothing when it is opened by itself', async () => {
    const { browser } = await createApp(branded({ logo }));
    const policy = (await browser().get('/assets/brand-logo')).get('Content-Security-Policy');
    expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
  });

  test('is neither linked nor there unless it is configured', async () => {
    const { browser } = await createApp();
    expect((await browser().get('/signed-out', accept)).text).not.toContain('brand-logo');
    expect((await browser().get('/assets/brand-logo')).status).toBe(404);
  });
});

describe('the colour', () => {
  test('is one custom property, which decorates', async () => {
    const { browser } = await createApp(branded({ color: '#7a3e9d' }));
    const sheet = await browser().get('/assets/brand.css');
    expect(sheet.get('Content-Type')).toMatch(/^text\/css/);
    expect(sheet.text).toBe(':root {\n  --brand: #7a3e9d;\n}\n');
    const page = await browser().get('/signed-out', accept);
    expect(page.text.indexOf('/assets/brand.css')).toBeGreaterThan(page.text.indexOf('/assets/frame.css'));
  });

  test('is never behind or in a text: contrast does not depend on it', async () => {
    const { browser } = await createApp();
    for (const name of ['rolegate.css', 'frame.css']) {
      const { text } = await browser().get(`/assets/${name}`);
      const uses = text.split('\n').filter((line) => line.includes('var(--brand)'));
      expect(uses.filter((line) => !/^\s*(border[\w-]*|fill):/.test(line))).toEqual([]);
    }
  });

  test('is neither linked nor there unless it is configured', async () => {
    const { browser } = await createApp();
    expect((await browser().get('/signed-out', accept)).text).not.toContain('brand.css');
    expect((await browser().get('/assets/brand.css')).status).toBe(404);
  });
});

describe('the announcement', () => {
  test.each(['/', '/signed-out', '/nothing', '/why', '/console?role=payments-dev/Developer'])(
    'is on every page, as text: %s',
    async (path) => {
      const { browser } = await createApp(branded({ announcement: hostile }));
      const alice = browser();
      await alice.signIn('alice');
      const { text } = await alice.get(path, accept);
      expect(text).toMatch(/<aside class="announcement">/);
      expect(text).toContain(`<p>${escapeHtml(hostile)}</p>`);
    },
  );

  test('is dismissed for this browser until it says something else', async () => {
    const { browser } = await createApp(branded({ announcement: 'Maintenance on Sunday' }));
    const alice = browser();
    const page = () => alice.get('/signed-out', accept);
    const announcement = /name="announcement" value="([^"]+)"/.exec((await page()).text)![1]!;
    const other = announcement.replace(/./, (digit) => (digit === '0' ? '1' : '0'));
    for (const [id, isShown] of [
      [other, true],
      [announcement, false],
    ] as const) {
      const answer = await alice.postForm('/portal/appearance', { announcement: id, return_to: '/signed-out' });
      expect([answer.status, answer.get('Location')]).toEqual([303, '/signed-out']);
      expect((await page()).text.includes('Maintenance on Sunday')).toBe(isShown);
    }
  });

  test('takes no place where there is none', async () => {
    const { browser } = await createApp();
    expect((await browser().get('/signed-out', accept)).text).not.toContain('<aside');
  });
});

describe('whom to ask', () => {
  test.each(['/nothing', '/console'])('is on every error page: %s', async (path) => {
    const { browser } = await createApp(branded({ help: 'Ask the platform team, extension 4711.' }));
    const alice = browser();
    await alice.signIn('alice');
    const answer = await alice.get(path, accept);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).toContain('Ask the platform team, extension 4711.');
    expect(answer.text).toContain(String(answer.get('X-Request-Id')));
  });
});
