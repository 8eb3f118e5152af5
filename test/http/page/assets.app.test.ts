// What the pages' scripts import is served, wherever its file is kept.
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';

const start = useApp();

test('every script of the portal, and every script that one of them imports, is served', async () => {
  const browser = (await start()).browser();
  await browser.signIn('alice');
  const { text: page } = await browser.get('/', { Accept: 'text/html' });
  const paths = new Set([...page.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, path = '']) => path));
  expect(paths).toContain('/assets/portal.js');
  // Iteration over a Set includes the paths that the loop adds.
  for (const path of paths) {
    const { status, headers, body, text } = await browser.get(path);
    expect([path, status, headers['content-type']]).toEqual([path, 200, expect.stringContaining('javascript')]);
    const script = text ?? String(body);
    for (const [, name = ''] of script.matchAll(/from '([^']+)'/g)) {
      paths.add(new URL(name, `https://broker.example${path}`).pathname);
    }
  }
  expect(paths).toContain('/assets/search.js');
});
