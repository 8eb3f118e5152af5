// One navigation as browsers do it: cookies, redirects, the Origin header, Fetch Metadata and form-action at every hop.
import type { CookieJar } from './cookie-jar.ts';
import { allowsFormAction } from './form-action.ts';
import { type HtmlForm, metaContent, parseForms } from './html-forms.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { isTrustworthy, secFetchSite } from './sites.ts';

const MAX_REDIRECTS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export type Headers = Record<string, string>;

export interface Page extends HttpAnswer {
  /** The address after all redirects. */
  url: string;
  /** Every answer on the way, the last one included. */
  hops: (HttpAnswer & { url: string; method: string })[];
  forms: HtmlForm[];
  /** The body as JSON. @throws SyntaxError */
  json: () => unknown;
}

export interface BrowserRequest {
  url: URL;
  method: string;
  body?: string;
  headers: Headers;
  /** The page whose link, form or script causes the request; undefined for a typed address. */
  initiator: URL | undefined;
  /** The page that holds the form; its policies bind the request. */
  page?: Page | undefined;
  /** False for a script's fetch(), which is not followed. */
  isNavigation: boolean;
}

/** Sends a request and follows its redirects. @throws Error when there are too many, or CSP forbids one. */
export async function navigate(client: HttpClient, jar: CookieJar, first: BrowserRequest): Promise<Page> {
  let origin = originHeader(first);
  const { origin: _origin, ...ownHeaders } = first.headers;
  let request: BrowserRequest = { ...first, headers: ownHeaders };
  const chain: URL[] = [];
  const hops: Page['hops'] = [];
  while (chain.length <= MAX_REDIRECTS) {
    const { url, method, body } = request;
    assertFormAction(request);
    chain.push(url);
    const cookie = jar.header(request);
    const own = { ...(origin !== undefined && { origin }), ...(cookie !== undefined && { cookie }) };
    const headers = { ...fetchMetadata(request, chain), ...own, ...request.headers };
    const answer = await client.send({ url, method, headers, body });
    jar.store(answer.headers['set-cookie'] ?? [], url);
    hops.push({ ...answer, url: url.href, method });
    const { location } = answer.headers;
    if (!request.isNavigation || !REDIRECTS.has(answer.status) || location === undefined) return toPage(hops);
    const next = redirected(request, answer.status, new URL(location, url));
    origin = redirectedOrigin(origin, request, next);
    request = next;
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects: ${chain.map((url) => url.href).join(' -> ')}`);
}

/** Fetch §4.4 (HTTP-redirect fetch): a POST becomes a GET except with 307 and 308. */
function redirected(request: BrowserRequest, status: number, url: URL): BrowserRequest {
  if (status === 307 || status === 308) return { ...request, url };
  if (request.method === 'GET' || request.method === 'HEAD') return { ...request, url };
  const { body: _body, ...rest } = request;
  const { 'content-type': _type, ...headers } = request.headers;
  return { ...rest, headers, method: 'GET', url };
}

/** Fetch, "append a request Origin header": the referrer policy of the page can turn a form's Origin into null. */
function originHeader({ url, method, initiator, page, headers, isNavigation }: BrowserRequest): string | undefined {
  if (headers['origin'] !== undefined || initiator === undefined) return headers['origin'];
  if (!isNavigation) return method === 'GET' && initiator.origin === url.origin ? undefined : initiator.origin;
  if (method === 'GET' || method === 'HEAD') return undefined;
  const policy = page?.headers['referrer-policy'] ?? metaContent(page?.body ?? '', 'referrer');
  if (policy === 'no-referrer') return 'null';
  if (policy === 'same-origin' && initiator.origin !== url.origin) return 'null';
  return initiator.protocol === 'https:' && url.protocol !== 'https:' ? 'null' : initiator.origin;
}

/** Chromium forgets the Origin of a POST that is redirected to another origin, even where Fetch would still name it. */
function redirectedOrigin(origin: string | undefined, from: BrowserRequest, to: BrowserRequest): string | undefined {
  if (origin === undefined || to.method === 'GET') return undefined;
  return from.url.origin === to.url.origin ? origin : 'null';
}

/** CSP applies to the redirects after a form as well: a sign-in that leaves for an IdP breaks here as in a browser. */
function assertFormAction({ url, page }: BrowserRequest): void {
  const policies = page?.headers['content-security-policy'];
  if (page && !allowsFormAction([policies ?? []].flat().join(','), new URL(page.url), url)) {
    throw new Error(`Content-Security-Policy of ${page.url} (form-action) blocks ${url.origin}${url.pathname}`);
  }
}

/** Browsers say where a request comes from, to pages that are trustworthy (Fetch Metadata §2). */
function fetchMetadata({ url, initiator, isNavigation }: BrowserRequest, chain: URL[]): Headers {
  const accept = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
  if (!isTrustworthy(url)) return accept;
  return {
    ...accept,
    'sec-fetch-site': secFetchSite(initiator, chain),
    'sec-fetch-mode': isNavigation ? 'navigate' : 'cors',
    'sec-fetch-dest': isNavigation ? 'document' : 'empty',
  };
}

function toPage(hops: Page['hops']): Page {
  const last = hops.at(-1);
  if (last === undefined) throw new Error('a page needs an answer');
  const isHtml = last.headers['content-type']?.includes('html') ?? false;
  return { ...last, hops, forms: isHtml ? parseForms(last.body, last.url) : [], json: () => JSON.parse(last.body) };
}
