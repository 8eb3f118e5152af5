// The page of all components: in development only; and the weight of all styles.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';

const createApp = useApp();

test('every component is shown in development', async () => {
  const { browser } = await createApp();
  const { status, text } = await browser().get('/development/components', { Accept: 'text/html' });
  expect(status).toBe(200);
  for (const component of ['<table', '<figure class="chart"', 'class="span danger"', '<dialog', 'class="notice"']) {
    expect(text).toContain(component);
  }
});

test('all styles together take at most 40 KB', () => {
  const files = execFileSync('git', ['ls-files', 'src/*.css'], { encoding: 'utf8' }).trim().split('\n');
  expect(files.length).toBeGreaterThanOrEqual(4);
  expect(files.reduce((sum, file) => sum + readFileSync(file).length, 0)).toBeLessThanOrEqual(40 * 1024);
});
