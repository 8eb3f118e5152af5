// The public app as compose() makes it, on a test clock and the memory store, with an AD FS emulator to sign in at, and a
// client that brings exactly the headers that a test wants.
import { Writable } from 'node:stream';
import { inflateRawSync } from 'node:zlib';
import supertest, { type Response } from 'supertest';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Adfs, type AdfsUser, type ResponseOverrides, startAdfs } from '../../../emulators/adfs/server.ts';
import type { Config } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/log.ts';
import { type RandomBytes, systemRandom } from '../../../src/random.ts';
import { type Broker, compose } from '../../../src/wiring/compose.ts';
import { createWorkplace, goodProduction, load, type Raw, type Workplace } from '../../config/support/workplace.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';

export const baseUrl = 'http://127.0.0.1:8080';
export const host = '127.0.0.1:8080';

function user(username: string, groups: readonly string[], displayName = `${username} Sample`): AdfsUser {
  const names = { givenName: username, surname: 'Sample', windowsAccountName: `CORP\\${username}` };
  const addresses = { upn: `${username}@corp.example`, email: `${username}@corp.example` };
  return { username, password: 'password', displayName, groups, ...names, ...addresses };
}

export const hostile = `<script>alert("x")</script><img src=x onerror='y'>&amp;`;
const users = [
  user('alice', ['CORP\\Engineers', 'CORP\\Admins']),
  user('bob', ['CORP\\Auditors']),
  user('mallory', [hostile], hostile),
];

/** Development, one identity provider, two roles; the second asks for a second factor. */
function goodDevelopment(): Raw {
  const { signing } = goodProduction()['serviceProvider'] as { signing: unknown };
  return {
    ...goodProduction(),
    mode: 'development',
    baseUrl,
    listen: { port: 8080 },
    store: { type: 'memory' },
    serviceProvider: { entityId: `${baseUrl}/saml/metadata`, signing },
    // All of them: many tests judge a refusal by its record.
    limits: { refusalRecords: { perMinute: 1_000_000 } },
    rules: [
      {
        name: 'engineers',
        when: { group: 'CORP\\Engineers' },
        grant: { accounts: ['payments-dev'], role: 'Developer' },
      },
      {
        name: 'administrators',
        when: { group: 'CORP\\Admins' },
        grant: { accounts: ['payments-prod'], role: 'Admin', require: { authnContext: 'mfa' } },
      },
    ],
  };
}

interface Captured {
  readonly stream: Writable;
  readonly text: () => string;
  readonly lines: () => Record<string, unknown>[];
  /** From now on every write fails. */
  readonly fail: () => void;
}

function capture(): Captured {
  let text = '';
  let isBroken = false;
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isBroken) text += chunk.toString();
      done(isBroken ? new Error('no space left on device') : null);
    },
  });
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line): Record<string, unknown> => JSON.parse(line));
  const fail = () => {
    isBroken = true;
  };
  return { stream, text: () => text, lines, fail };
}

export interface TestApp {
  readonly config: Config;
  readonly clock: TestClock;
  readonly log: Captured;
  readonly audit: Captured;
  readonly adfs: Adfs;
  /** What the identity provider signs with. */
  readonly idpKey: KeyPair;
  readonly broker: Broker;
  /** A browser, by default without cookies. */
  readonly browser: (cookies?: Map<string, string>) => Browser;
  /** Another process of the same broker, on the same store, with these session secrets. */
  readonly process: (secrets: readonly string[]) => TestApp;
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

export interface Browser {
  readonly cookies: Map<string, string>;
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** A request with only Host, the cookies and the given headers and body. */
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Response>;
  /** As a form of our own page sends it. */
  readonly postForm: (path: string, fields: Readonly<Record<string, string>>) => Promise<Response>;
  readonly postJson: (path: string, value: unknown) => Promise<Response>;
  /** GET /login and what it asked the identity provider for. */
  readonly startLogin: (query?: string) => Promise<Started>;
  /** What the identity provider's page would post. */
  readonly answer: (started: Started, username: string, overrides?: ResponseOverrides) => Promise<Response>;
  readonly signIn: (username: string, query?: string) => Promise<Response>;
}

export interface Started {
  readonly response: Response;
  readonly requestId: string;
  readonly relayState: string;
}

/** Registers the hooks of a test file, and returns what makes an app for one test. */
export function useApp(): (adjust?: (raw: Raw) => Raw, random?: RandomBytes) => Promise<TestApp> {
  let workplace: Workplace;
  let keys: KeyPair[];
  const cleanups: (() => unknown)[] = [];
  beforeAll(async () => {
    [workplace, ...keys] = await Promise.all([createWorkplace(), keyPair('idp-signing'), keyPair('idp-encryption')]);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(() => workplace?.remove());
  return async (adjust = (raw) => raw, random = systemRandom) => {
    const clock = createTestClock();
    const trust = { entityId: `${baseUrl}/saml/metadata`, acsUrl: `${baseUrl}/saml/acs` };
    const [signing, encryption] = keys as [KeyPair, KeyPair];
    const adfs = await startAdfs({ now: clock.now, users, relyingParties: [trust], signing, encryption });
    cleanups.push(adfs.close);
    workplace.write('idp-metadata.xml', adfs.metadata());
    const config = await load(workplace, adjust(goodDevelopment()));
    const [log, audit] = [capture(), capture()];
    const world = { clock, random, log: createLogger('debug', log.stream), auditStream: audit.stream };
    const startProcess = (own: Config): TestApp => {
      const broker = compose(own, { ...world, fetch: globalThis.fetch });
      cleanups.push(broker.close);
      return {
        ...{ config: own, clock, log, audit, adfs, idpKey: signing, broker },
        browser: (cookies) => createBrowser(broker, adfs, cookies),
        process: (secrets) => startProcess({ ...own, session: { ...own.session, secrets: [...secrets] } }),
      };
    };
    return startProcess(config);
  };
}

function createBrowser({ app }: Broker, adfs: Adfs, cookies = new Map<string, string>()): Browser {
  const send = async (method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const request = supertest(app)[method.toLowerCase() as 'get'](path).redirects(0).set('Host', host);
    if (cookie !== '') request.set('Cookie', cookie);
    for (const [name, value] of Object.entries(headers)) request.set(name, value);
    const response = await (body === undefined ? request : request.send(body));
    for (const line of setCookies(response)) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      cookies.set(name!, value!);
    }
    return response;
  };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const post = (path: string, fields: Readonly<Record<string, string>>, origin: string) =>
    send('POST', path, { headers: { ...form, Accept: 'text/html', Origin: origin }, body: encode(fields) });
  const startLogin = async (query = '') => {
    const response = await send('GET', `/login${query}`);
    const location = new URL(response.get('Location') ?? 'about:blank');
    const xml = inflateRawSync(Buffer.from(location.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
    const requestId = / ID="([^"]+)"/.exec(xml)?.[1] ?? '';
    return { response, requestId, relayState: location.searchParams.get('RelayState') ?? '' };
  };
  const answer = ({ requestId, relayState }: Started, username: string, overrides: ResponseOverrides = {}) => {
    const issue = { username, relyingParty: `${baseUrl}/saml/metadata`, inResponseTo: requestId, overrides };
    const fields = { SAMLResponse: adfs.issueResponse(issue), RelayState: relayState };
    return post('/saml/acs', fields, new URL(adfs.url).origin);
  };
  return {
    cookies,
    get: (path, headers = {}) => send('GET', path, { headers }),
    send,
    postForm: (path, fields) => post(path, fields, baseUrl),
    postJson: (path, body) => send('POST', path, { headers: { Origin: baseUrl }, body: body as object }),
    startLogin,
    answer,
    signIn: async (username, query) => answer(await startLogin(query), username),
  };
}

export function encode(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

export function setCookies(response: Response): string[] {
  return [response.headers['set-cookie'] ?? []].flat();
}
