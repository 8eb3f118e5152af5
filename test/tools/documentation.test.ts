// The documentation names files that exist, and its links lead somewhere.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listItems } from '../support/documentation.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

test('there are pages', () => expect(pages.length).toBeGreaterThan(20));

test.each(pages)('%s names files that exist', (page) => {
  const named = [...read(page).matchAll(/`((?!dist\/)[\w.-]+\/[\w./-]+\.(?:ts|mjs|js|css))`/g)].map(
    ([, path]) => path!,
  );
  const bases = ['', 'src', dirname(page)];
  const missing = named.filter((path) => !bases.some((base) => existsSync(join(root, base, path))));
  expect(missing).toEqual([]);
});

test.each(pages)('%s links to files and headings that exist', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, path = '', anchor]) => {
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(read(target)).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test('each degraded mode names tests that exist', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => read(join('test', name)))
    .join('\n');
  const modes = listItems(read('docs/operations.md')).filter(({ parts }) => parts.has('Decision'));
  expect(modes.length).toBeGreaterThan(12);
  for (const { head, parts } of modes) {
    const shown = parts.get('Test') ?? '';
    const titles = [...shown.matchAll(/`([^`]+)`/g)].map(([, title]) => title!);
    expect([head, titles.length > 0 || shown.includes('(../test/cluster)')]).toEqual([head, true]);
    for (const title of titles) expect(tests).toContain(title);
  }
});

test('each combination of Redis names tests that exist', () => {
  const tests = ['topologies', 'failover', 'replies']
    .map((name) => read(`test/field/redis-${name}.test.ts`))
    .join('\n');
  const table = /\| \| One server[\s\S]*?\n\n/.exec(read('docs/operations.md'))![0];
  const rows = table.trim().split('\n').slice(2);
  expect(rows.length).toBeGreaterThan(12);
  for (const row of rows) {
    const named = [
      ...row
        .split('|')
        .at(-2)!
        .matchAll(/`([^`]+)`/g),
    ].map(([, title]) => title!.replace(/^supported: /, ''));
    expect([row, named.length > 0]).toEqual([row, true]);
    for (const title of named) expect(tests).toContain(title);
  }
});
