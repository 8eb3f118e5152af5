import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PageServer, type SeenRequest, servePages } from '../page-server.ts';
import { createHttpBrowser, type HttpBrowser, type HttpBrowserOptions } from './http-browser.ts';

const HTML = { 'content-type': 'text/html' };
const cleanups: (() => unknown)[] = [];
const seen: SeenRequest[] = [];
beforeEach(() => {
  seen.splice(0);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(routes: PageServer['routes'], tls?: { cert: string; key: string }): Promise<number> {
  const server = await servePages(routes, seen, tls);
  cleanups.push(server.stop);
  return server.port;
}

function open(options: HttpBrowserOptions = {}): HttpBrowser {
  const browser = createHttpBrowser(options);
  cleanups.push(browser.close);
  return browser;
}

function certificateFor(hostname: string): Promise<{ cert: string; private: string }> {
  const altNames = [{ type: 2 as const, value: hostname }];
  const extensions = [{ name: 'subjectAltName' as const, altNames }];
  return generate([{ name: 'commonName', value: hostname }], { keyType: 'ec', extensions });
}

describe('https', () => {
  test('reaches a real name on a loopback port, and trusts only the given authority', async () => {
    const { cert, private: key } = await certificateFor('broker.corp.test');
    const port = await serve({ '/': [200, {}, 'hello'] }, { cert, key });
    const resolve = () => ({ address: '127.0.0.1', port });
    expect((await open({ ca: cert, resolve }).get('https://broker.corp.test/')).body).toBe('hello');
    await expect(open({ ca: cert, resolve }).get('https://idp.corp.test/')).rejects.toThrow(/altnames/);
    await expect(open({ resolve }).get('https://broker.corp.test/')).rejects.toThrow(/self-signed/);
  });

  test('never leaves this machine', async () => {
    await expect(open().get('https://signin.aws.amazon.com/')).rejects.toThrow(/not on this machine/);
  });
});

describe('redirects', () => {
  const cases = [
    { status: 301, line: 'GET /end', body: '' },
    { status: 302, line: 'GET /end', body: '' },
    { status: 303, line: 'GET /end', body: '' },
    { status: 307, line: 'POST /end', body: 'a=1' },
    { status: 308, line: 'POST /end', body: 'a=1' },
  ];
  for (const { status, line, body } of cases) {
    test(`${status} turns POST into ${line}`, async () => {
      const base = `http://127.0.0.1:${await serve({ '/start': [status, { location: '/end' }], '/end': [200, {}, 'done'] })}`;
      const page = await open().post(`${base}/start`, { a: '1' });
      expect(page).toMatchObject({ status: 200, url: `${base}/end`, body: 'done' });
      expect(page.hops.map((hop) => hop.status)).toEqual([status, 200]);
      expect(seen.at(-1)).toMatchObject({ line, body });
    });
  }

  test('end after twenty', async () => {
    const base = `http://127.0.0.1:${await serve({ '/': [302, { location: '/' }] })}`;
    await expect(open().get(base)).rejects.toThrow(/more than 20 redirects/);
  });

  test('are left to a script that fetches', async () => {
    const base = `http://127.0.0.1:${await serve({ '/': [302, { location: '/x' }] })}`;
    expect((await open().json('GET', base)).status).toBe(302);
  });
});

describe('forms', () => {
  const page = `<form action="/search"><input name=q value="a&amp;b"></form><!-- <form></form> -->
    <form id="login" method="post" action="/login?x=1">
      <input type="hidden" name="state" value="&quot;s&#x2F;&#39;>"><input name="user"><input type="password" name="password">
      <input type="checkbox" name="stay" checked><input type="checkbox" name="all" value="1"><input name="off" disabled>
      <select name="region"><option>eu-west-1</option><option selected value="us">US</option></select>
      <textarea name="note">\nhello &lt;you&gt;</textarea><button name="action" value="go">Go</button>
      <script>document.write('<input name="script">')</script>
    </form>`;

  test('are sent as they stand, with the given values, by the first or a chosen one', async () => {
    const base = `http://127.0.0.1:${await serve({ '/': [200, HTML, page], '/login': [200, {}], '/search': [200, {}] })}`;
    const browser = open();
    const start = await browser.get(base);
    expect(start.forms.map((form) => form.method)).toEqual(['GET', 'POST']);
    await browser.submit(start);
    expect(seen.at(-1)).toMatchObject({ line: 'GET /search?q=a%26b', origin: undefined });
    await browser.submit(start, (form) => form.id === 'login', { user: 'alice', stay: null, action: 'go' });
    expect(seen.at(-1)).toMatchObject({ line: 'POST /login?x=1', origin: base, site: 'same-origin' });
    expect([...new URLSearchParams(seen.at(-1)?.body)]).toEqual([
      ['state', '"s/\'>'],
      ['password', ''],
      ['region', 'us'],
      ['note', 'hello <you>'],
      ['user', 'alice'],
      ['action', 'go'],
    ]);
    await expect((async () => browser.submit(start, 2))()).rejects.toThrow(/no such form/);
  });

  test('are blocked where form-action does not allow their target or a redirect behind it', async () => {
    const other = await serve({ '/': [200, {}] });
    const routes: PageServer['routes'] = {
      '/away': [303, { location: `http://127.0.0.1:${other}/` }],
      '/stay': [200, {}],
    };
    const base = `http://127.0.0.1:${await serve(routes)}`;
    const browser = open();
    const pageWith = async (formAction: string) => {
      const csp = { ...HTML, 'content-security-policy': `default-src 'none'; form-action ${formAction}` };
      routes['/'] = [200, csp, '<form method=post action=/away></form><form method=post action=/stay></form>'];
      return browser.get(base);
    };
    expect((await browser.submit(await pageWith("'self'"), 1)).status).toBe(200);
    const self = await pageWith("'self'");
    await expect(browser.submit(self)).rejects.toThrow(/form-action/);
    expect((await browser.submit(await pageWith(`'self' http://127.0.0.1:${other}`))).status).toBe(200);
    const none = await pageWith("'none'");
    await expect(browser.submit(none, 1)).rejects.toThrow(/form-action/);
  });
});

describe('json', () => {
  test('is a same-origin script with its cookies, or one of the origin it claims', async () => {
    const base = `http://127.0.0.1:${await serve({ '/': [200, { 'set-cookie': 'c=1; SameSite=Lax' }, '{"a":1}'] })}`;
    const browser = open();
    expect((await browser.json('GET', base)).json()).toEqual({ a: 1 });
    await browser.json('POST', base, { role: 'x' });
    expect(seen.at(-1)).toMatchObject({ cookies: 'c=1', origin: base, site: 'same-origin', body: '{"role":"x"}' });
    await browser.json('POST', base, {}, { Origin: 'https://evil.test' });
    expect(seen.at(-1)).toMatchObject({ cookies: '', origin: 'https://evil.test', site: 'cross-site' });
    await browser.json('POST', base, {}, { Origin: 'http://127.0.0.1:1' });
    expect(seen.at(-1)).toMatchObject({ cookies: 'c=1', origin: 'http://127.0.0.1:1', site: 'same-site' });
  });
});
