// `npm run screenshots`: the pictures of the documentation, into docs/screenshots. `npm run screenshots FOLDER [PAGE…]`:
// these pages or all, light, dark, in forced colours, at 320 px, at 200 % zoom and in Korean. Of the sample company, at a
// fixed size.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { buildMissingCommand } from '../examples/demo/command.ts';
import { startDemo } from '../examples/demo/start.ts';
import { createLogger } from '../src/log.ts';
import { cliClientId, cliScope, pushedRequest } from '../src/wire/oauth.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { servePages } from '../test/support/page-server.ts';
import { freeConsecutivePorts } from '../test/support/ports.ts';
import { koreanFont } from './korean-font.ts';
import { toPalettePng } from './palette-png.ts';

const [folder, ...pages] = process.argv.slice(2);
const target = folder ?? fileURLToPath(new URL('../docs/screenshots', import.meta.url));
const inDocumentation = ['portal-light', 'search-light', 'why-light'];

interface Shot {
  readonly name: string;
  readonly user?: string;
  /** Of the broker, or a whole address. */
  readonly path: string;
  /** The action on the page before the picture. */
  readonly act?: (page: Page) => Promise<unknown>;
}

const press = (name: string) => async (page: Page) => {
  await page.locator(name).first().click();
  await page.waitForLoadState();
};
const credentials = '[data-account="444455556666"] .actions .quiet';
const refused = async (page: Page) => {
  await page.request.post(new URL('/saml/acs', page.url()).href, { form: { SAMLResponse: 'nonsense' } });
  await page.reload();
};
const question = async (page: Page) => {
  await page.fill('[name=user]', 'carol@corp.example');
  await page.fill('[name=groups]', 'CORP\\AWS-Payments-Dev\nCORP\\aws-auditors');
  await press('main form button')(page);
};
const favourites = async (page: Page) => {
  const roles = ['arn:aws:iam::444455556666:role/Developer', 'arn:aws:iam::222233334444:role/Operator'];
  await page.evaluate(async (wished) => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ favourites: wished });
    await fetch('/api/v1/preferences/favourites', { method: 'PUT', headers, body });
  }, roles);
  await page.reload();
};
const searched = (text: string) => async (page: Page) => {
  await page.fill('#search', text);
};
const several = async (page: Page) => {
  for (const account of ['444455556666', '333344445555']) {
    await page.locator(`[data-account="${account}"] [type=checkbox]`).check();
  }
  await press('#several button')(page);
};
/** What would be another in each picture: the address, and the hash of the file. */
const steady = (page: Page) =>
  page.evaluate(`for (const lines of document.querySelectorAll('pre')) {
    lines.textContent = lines.textContent
      .replaceAll(location.origin, 'https://aws.example.com')
      .replace(/[0-9a-f]{64}/g, '0123456789abcdef'.repeat(4));
  }`);
/** As `rolegate login` begins: the person's browser then shows who asks. */
const commandLineAsks = async (page: Page) => {
  const fields = new URLSearchParams({
    ...{
      client_id: cliClientId,
      response_type: 'code',
      scope: cliScope,
      redirect_uri: 'http://127.0.0.1:50123/callback',
    },
    ...{ state: 'picture', code_challenge: 'p'.repeat(43), code_challenge_method: 'S256' },
    ...{ device_host: 'alice-laptop', device_os: 'Linux 6.8', device_user: 'alice' },
  });
  const pushed = await fetch(`${demo.brokerUrl}/oauth/par`, { method: 'POST', body: fields });
  const { request_uri } = pushedRequest.parse(await pushed.json());
  await page.goto(`${demo.brokerUrl}/oauth/authorize?${new URLSearchParams({ client_id: cliClientId, request_uri })}`);
};
/** After credentials and a refused role, so that there is something to see. */
const active = (path: string) => async (page: Page) => {
  for (const role of ['Developer', 'Nothing']) {
    const data = { roleArn: `arn:aws:iam::444455556666:role/${role}` };
    await page.request.post(`${demo.brokerUrl}/api/v1/credentials`, { data, headers: { origin: demo.brokerUrl } });
  }
  await page.goto(demo.brokerUrl + path);
};
const later = (minutes: number) => async (page: Page) => {
  await page.clock.install();
  await page.reload();
  await page.clock.runFor(minutes * 60_000);
};

const intranet = await servePages({});
const shots: readonly Shot[] = [
  { name: 'sign-in-choice', path: '/login' },
  { name: 'portal', user: 'alice', path: '/', act: favourites },
  { name: 'search', user: 'alice', path: '/', act: searched('prodction read') },
  { name: 'credentials-options', user: 'alice', path: '/credentials?role=payments-dev/Developer' },
  { name: 'credentials-several', user: 'alice', path: '/', act: several },
  {
    name: 'resume',
    user: 'alice',
    path: '/?resume=credentials&role=444455556666/Developer&durationSeconds=900&sessionPolicy=read-only',
  },
  { name: 'links', user: 'alice', path: '/links?role=arn:aws:iam::444455556666:role/Developer&service=s3' },
  { name: 'links-list', user: 'alice', path: '/links/list' },
  { name: 'command-line', user: 'alice', path: '/cli', act: steady },
  { name: 'command-line-confirm', user: 'alice', path: '/', act: commandLineAsks },
  { name: 'framed', path: `http://localhost:${intranet.port}/` },
  { name: 'credentials', user: 'alice', path: '/', act: press(credentials) },
  { name: 'console-link', user: 'alice', path: '/console?role=payments-dev/Developer&destination=/cloudwatch/home' },
  { name: 'why', user: 'bob', path: '/why?role=Developer' },
  { name: 'admin-explain', user: 'alice', path: '/admin/explain', act: question },
  { name: 'admin-refusals', user: 'alice', path: '/admin/refusals', act: refused },
  { name: 'activity', user: 'alice', path: '/', act: active('/activity') },
  { name: 'admin-activity', user: 'alice', path: '/', act: active('/admin/activity') },
  { name: 'admin-sessions', user: 'alice', path: '/', act: active('/admin/sessions?user=alice@corp.example') },
  { name: 'admin-keys', user: 'alice', path: '/admin/keys' },
  { name: 'admin-configuration', user: 'alice', path: '/admin/configuration' },
  { name: 'components', user: 'alice', path: '/development/components' },
  { name: 'session-warning', user: 'alice', path: '/why', act: later(56) },
  { name: 'session-ended', user: 'alice', path: '/why', act: later(61) },
  { name: 'no-role', user: 'mallory', path: '/' },
  { name: 'error', user: 'bob', path: '/console?role=payments-dev/Unknown&destination=/x' },
  { name: 'not-found', path: '/nothing' },
  { name: 'signed-out', path: '/signed-out?elsewhere=unasked' },
];

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 760 } },
  // 200 % zoom of 1280 × 900.
  zoom: { colorScheme: 'light', viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
  mobile: { colorScheme: 'light', viewport: { width: 320, height: 640 } },
  'forced-colours': { forcedColors: 'active', viewport: { width: 1100, height: 760 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 760 } },
  'mobile-dark': { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
};

const korean: BrowserContextOptions = { colorScheme: 'light', viewport: { width: 1100, height: 760 }, locale: 'ko-KR' };

/** A second identity provider, so that there is a choice, and the intranet's leave to show the portal in a frame. */
function adjust(config: Record<string, unknown>): Record<string, unknown> {
  const [first] = config['identityProviders'] as object[];
  const partners = { id: 'partners', label: 'Partners', metadata: { url: 'http://127.0.0.1:9/metadata' } };
  const embedders = [`http://localhost:${intranet.port}`];
  const portal = { ...(config['portal'] as object), embedders };
  return { ...config, portal, identityProviders: [first, { ...first, ...partners }] };
}

await buildMissingCommand();
const directory = mkdtempSync(join(tmpdir(), 'rolegate-screenshots-'));
const port = await freeConsecutivePorts(4);
const demo = await startDemo({ port, directory, log: createLogger('silent'), adjust });
const frame = `<iframe src="${demo.brokerUrl}/" style="width: 95%; height: 30rem"></iframe>`;
intranet.routes['/'] = [
  200,
  { 'content-type': 'text/html' },
  `<!doctype html><title>Intranet</title><h1>Intranet</h1>${frame}`,
];
const font = koreanFont();
if (!font) console.log('No font with Korean letters, and none to be had: those pictures stay as they are.');
const browser = await launchChromium({ env: font ?? {} });
mkdirSync(target, { recursive: true });
try {
  for (const [look, options] of Object.entries(font ? { korean, ...looks } : looks)) {
    for (const shot of shots.filter(({ name }) => isWanted(name, look))) {
      const bytes = toPalettePng(await take(browser, options, shot));
      writeFileSync(join(target, `${shot.name}-${look}.png`), bytes);
      console.log(`${shot.name}-${look}.png ${Math.ceil(bytes.length / 1024)} KB`);
    }
  }
} finally {
  await browser.close();
  await demo.close();
  await intranet.stop();
  rmSync(directory, { recursive: true, force: true });
}

function isWanted(name: string, look: string): boolean {
  if (folder === undefined) return inDocumentation.includes(`${name}-${look}`);
  return pages.length === 0 || pages.includes(name);
}

async function take(chromium: Browser, options: BrowserContextOptions, shot: Shot): Promise<Buffer> {
  const context = await chromium.newContext({ locale: 'en-GB', timezoneId: 'Europe/London', ...options });
  try {
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    if (shot.user !== undefined) await signIn(page, shot.user);
    await page.goto(new URL(shot.path, demo.brokerUrl).href);
    await shot.act?.(page);
    await page.evaluate('scrollTo(0, 0)');
    return await page.screenshot({ animations: 'disabled', caret: 'hide' });
  } finally {
    await context.close();
  }
}

async function signIn(page: Page, user: string): Promise<void> {
  await page.goto(`${demo.brokerUrl}/login?idp=adfs`);
  await page.fill('input[name=UserName]', user);
  await page.fill('input[name=Password]', 'password');
  await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
}
