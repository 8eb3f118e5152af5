// The page of all components: in development only; and the weight of all styles.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import supertest from 'supertest';
import { expect, test } from 'vitest';
import { createLogger } from '../../../src/log.ts';
import { systemRandom } from '../../../src/random.ts';
import { compose } from '../../../src/wiring/compose.ts';
import { host, useApp } from '../support/app.ts';

const createApp = useApp();
const address = '/development/components';

test('every component is shown in development', async () => {
  const { browser } = await createApp();
  const { status, text } = await browser().get(address, { Accept: 'text/html' });
  expect(status).toBe(200);
  for (const component of [
    ...['<table', '<figure class="chart"', 'class="span danger"', '<dialog', 'class="notice"'],
    ...[
      '<li class="account"',
      '<li class="role">',
      '<li class="role" data-production>',
      'class="star bare" aria-pressed="true"',
      'class="used"',
    ],
    ...['requires MFA', 'requires a recent sign-in', 'console only', 'aria-expanded="false"', 'src="/assets/icon.svg"'],
    ...[
      'role="tab" aria-selected="true"',
      'role="tab" aria-selected="false"',
      '<div class="session-watch"',
      'id="left"',
    ],
    ...['aria-invalid="true"', 'class="message problem"', '<button class="focused"', '<summary class="focused"'],
  ]) {
    expect(text).toContain(component);
  }
});

test('no component is shown in production', async () => {
  const { config, clock, audit } = await createApp();
  const world = { clock, random: systemRandom, log: createLogger('silent'), auditStream: audit.stream };
  const production = compose({ ...config, mode: 'production' }, { ...world, fetch: globalThis.fetch });
  try {
    const get = (path: string) => supertest(production.app).get(path).set('Host', host);
    expect([(await get(address)).status, (await get('/signed-out')).status]).toEqual([404, 200]);
  } finally {
    await production.close();
  }
});

test('all styles together take at most 40 KB', () => {
  const files = execFileSync('git', ['ls-files', 'src/*.css'], { encoding: 'utf8' }).trim().split('\n');
  expect(files.length).toBeGreaterThanOrEqual(4);
  expect(files.reduce((sum, file) => sum + readFileSync(file).length, 0)).toBeLessThanOrEqual(40 * 1024);
});
