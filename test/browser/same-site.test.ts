// What crosses from one site to another, walked by our browser and by a real Chromium: every request has to be the same.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useChromium } from '../support/chromium.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { type PageServer, type SeenRequest, servePages } from '../support/page-server.ts';

const HTML = { 'content-type': 'text/html' };
const cleanups: (() => unknown)[] = [];
const seen: SeenRequest[] = [];
beforeEach(() => {
  seen.splice(0);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const KINDS = [
  'strict=1; SameSite=Strict',
  'lax=1; SameSite=Lax',
  'none=1; SameSite=None; Secure',
  'naked=1; SameSite=None',
];
/** Two sites: localhost and 127.0.0.1. Ports do not separate sites, names do. */
async function twoSites(): Promise<{ sp: string; idp: string }> {
  const spRoutes: PageServer['routes'] = {
    '/set': [200, { ...HTML, 'set-cookie': KINDS }],
    '/acs': [303, { location: '/landing' }],
  };
  const idpRoutes: PageServer['routes'] = {};
  const sp = `http://localhost:${await serve(spRoutes)}`;
  const idp = `http://127.0.0.1:${await serve(idpRoutes)}`;
  const form = (action: string) => `<form method="post" action="${action}"><input name="a" value="1"></form>`;
  for (const path of ['/landing', '/link', '/same', '/twice']) spRoutes[path] = [200, HTML, form('/same')];
  for (const policy of ['no-referrer', 'same-origin']) {
    spRoutes[`/${policy}`] = [200, { ...HTML, 'referrer-policy': policy }, form('/same')];
  }
  idpRoutes['/form'] = [200, HTML, form(`${sp}/acs`)];
  idpRoutes['/private'] = [200, { ...HTML, 'referrer-policy': 'same-origin' }, form(`${sp}/acs`)];
  idpRoutes['/keep'] = [200, HTML, form('/307')];
  idpRoutes['/307'] = [307, { location: `${sp}/twice` }];
  idpRoutes['/page'] = [200, HTML, `<a href="${sp}/link">link</a>`];
  return { sp, idp };
}

interface Driver {
  get: (url: string) => Promise<unknown>;
  submitOn: (url: string, endsAt: string) => Promise<unknown>;
  clickOn: (url: string, href: string) => Promise<unknown>;
}

async function walk({ sp, idp }: { sp: string; idp: string }, driver: Driver): Promise<Record<string, unknown>[]> {
  seen.splice(0);
  await driver.get(`${sp}/set`);
  await driver.get(`${sp}/landing`);
  await driver.submitOn(`${idp}/form`, `${sp}/landing`);
  await driver.submitOn(`${idp}/private`, `${sp}/landing`);
  await driver.submitOn(`${idp}/keep`, `${sp}/twice`);
  await driver.clickOn(`${idp}/page`, `${sp}/link`);
  for (const path of ['/landing', '/no-referrer', '/same-origin']) await driver.submitOn(sp + path, `${sp}/same`);
  return seen.map(({ line, cookies, origin, site }) => ({
    line,
    cookies: cookies.split('; ').map((pair) => pair.split('=')[0]),
    origin,
    site,
  }));
}

function walkHere(sites: { sp: string; idp: string }): Promise<Record<string, unknown>[]> {
  const browser = createHttpBrowser();
  cleanups.push(browser.close);
  return walk(sites, {
    get: (url) => browser.get(url),
    submitOn: async (url) => browser.submit(await browser.get(url)),
    clickOn: async (url, href) => browser.follow(await browser.get(url), href),
  });
}

async function serve(routes: PageServer['routes']): Promise<number> {
  const server = await servePages(routes, seen);
  cleanups.push(server.stop);
  return server.port;
}

const chromium = useChromium();

describe('across sites', () => {
  test('a POST carries None only, the redirect behind it Lax as well, an own page everything', async () => {
    const sites = await twoSites();
    const requests = await walkHere(sites);
    const cookiesOf = (line: string) => requests.filter((one) => one['line'] === line).map((one) => one['cookies']);
    expect(cookiesOf('POST /acs')).toEqual([['none'], ['none']]);
    expect(cookiesOf('POST /twice')).toEqual([['none']]);
    expect(cookiesOf('GET /link')).toEqual([['lax', 'none']]);
    expect(cookiesOf('GET /landing').slice(0, 2)).toEqual([
      ['lax', 'none', 'strict'],
      ['lax', 'none'],
    ]);
    const origins = (line: string) => requests.filter((one) => one['line'] === line).map((one) => one['origin']);
    expect(origins('POST /acs')).toEqual([sites.idp, 'null']);
    expect(origins('POST /same')).toEqual([sites.sp, 'null', sites.sp]);
  });

  test('every request is the one that Chromium makes', async () => {
    const sites = await twoSites();
    const page = await chromium.open();
    const leaveTo = (script: string, url: string) =>
      Promise.all([
        page.waitForResponse((response) => response.url() === url),
        page.waitForURL(url),
        page.evaluate(script),
      ]);
    const theirs = await walk(sites, {
      get: (url) => page.goto(url),
      submitOn: async (url, endsAt) => {
        await page.goto(url);
        await leaveTo('document.forms[0].submit()', endsAt);
      },
      clickOn: async (url, href) => {
        await page.goto(url);
        await leaveTo('document.links[0].click()', href);
      },
    });
    expect(await walkHere(sites)).toEqual(theirs);
  });
});
