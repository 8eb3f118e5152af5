// A small browser for whole sign-in flows over real sockets: cookies, redirects, forms and the Origin header as browsers
// treat them. It runs no scripts; where those matter, chromium.ts starts the real thing.
import { createCookieJar } from './cookie-jar.ts';
import type { HtmlForm } from './html-forms.ts';
import { createHttpClient, type HttpClientOptions } from './http-client.ts';
import { type BrowserRequest, type Headers, navigate, type Page } from './navigation.ts';

const FORM = 'application/x-www-form-urlencoded';

type FormValues = Record<string, string | string[] | null>;

export interface HttpBrowserOptions extends HttpClientOptions {
  /** The time cookies expire by; default: the real one. */
  now?: () => Date;
}

export interface HttpBrowser {
  /** A typed address (no page causes it, so Strict cookies go along); relative to the current page. */
  get: (url: string, headers?: Headers) => Promise<Page>;
  /** Clicks a link on `page`. */
  follow: (page: Page, href: string) => Promise<Page>;
  /**
   * A form POST caused by the current page, or by the target's own origin when there is none yet. An `origin` header
   * names another page: it is sent, and decides which SameSite cookies go along.
   */
  post: (url: string, body: string | Record<string, string> | URLSearchParams, headers?: Headers) => Promise<Page>;
  /** Sends a form of the page; `values` replace, add or (null) take away fields. @throws Error when CSP forbids it. */
  submit: (page: Page, which?: number | ((form: HtmlForm) => boolean), values?: FormValues) => Promise<Page>;
  /** What a script of the target's own origin (or of the `origin` header's) gets from fetch(); redirects are not followed. */
  json: (method: string, url: string, body?: unknown, headers?: Headers) => Promise<Page>;
  /** The cookies kept for this address, by name. */
  cookies: (url: string) => Record<string, string>;
  clearCookies: () => void;
  /** Ends all connections. */
  close: () => void;
}

/** A browser with an empty cookie jar and separate connections; close it at the end. */
export function createHttpBrowser(options: HttpBrowserOptions = {}): HttpBrowser {
  const client = createHttpClient(options);
  const jar = createCookieJar(options.now ?? (() => new Date()));
  let current: Page | undefined;
  const open = async (request: BrowserRequest) => {
    current = await navigate(client, jar, request);
    return current;
  };
  return {
    get: (url, headers = {}) =>
      open({ url: new URL(url, current?.url), method: 'GET', headers, initiator: undefined, isNavigation: true }),
    follow: (page, href) => {
      const from = new URL(page.url);
      return open({ url: new URL(href, from), method: 'GET', headers: {}, initiator: from, isNavigation: true });
    },
    post: (url, body, headers = {}) => open(formPost(new URL(url, current?.url), body, lowerCase(headers), current)),
    submit: (page, which = 0, values = {}) => open(submission(page, which, values)),
    json: (method, url, body, headers = {}) =>
      navigate(client, jar, scriptFetch(method, new URL(url, current?.url), body, lowerCase(headers))),
    cookies: (url) => jar.list(new URL(url, current?.url)),
    clearCookies: jar.clear,
    close: client.close,
  };
}

function formPost(
  url: URL,
  values: string | Record<string, string> | URLSearchParams,
  given: Headers,
  current: Page | undefined,
): BrowserRequest {
  const claimed = claimedOrigin(given);
  return {
    url,
    method: 'POST',
    body: typeof values === 'string' ? values : new URLSearchParams(values).toString(),
    headers: { 'content-type': FORM, ...given },
    initiator: claimed ?? new URL(current?.url ?? url),
    page: claimed ? undefined : current,
    isNavigation: true,
  };
}

function scriptFetch(method: string, url: URL, value: unknown, given: Headers): BrowserRequest {
  const request = { url, method, initiator: claimedOrigin(given) ?? url, isNavigation: false };
  if (value === undefined) return { ...request, headers: { accept: 'application/json', ...given } };
  const headers = { accept: 'application/json', 'content-type': 'application/json', ...given };
  return { ...request, headers, body: typeof value === 'string' ? value : JSON.stringify(value) };
}

function submission(page: Page, which: number | ((form: HtmlForm) => boolean), values: FormValues): BrowserRequest {
  const form = typeof which === 'number' ? page.forms[which] : page.forms.find(which);
  if (form === undefined) throw new Error(`no such form on ${page.url} (${page.status}):\n${page.body.slice(0, 2000)}`);
  const kept = form.fields.filter(([name]) => !(name in values));
  const given = Object.entries(values).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const body = new URLSearchParams([...kept, ...given]).toString();
  const url = new URL(form.action);
  const base = { method: form.method, initiator: new URL(page.url), page, isNavigation: true };
  if (form.method === 'POST') return { ...base, url, body, headers: { 'content-type': FORM } };
  url.search = body;
  return { ...base, url, headers: {} };
}

function claimedOrigin(headers: Headers): URL | undefined {
  const origin = headers['origin'];
  if (origin === undefined) return undefined;
  // An opaque origin is cross-site to everything.
  return new URL(URL.canParse(origin) ? origin : 'https://opaque.invalid');
}

function lowerCase(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
