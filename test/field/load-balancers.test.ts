// HTTP behind load balancers: nginx, HAProxy and Apache with TLS in front of the broker in production mode, and what such proxies make
// of a request.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import { decide, goOn, openTerminal } from '../app/support/command-line.ts';
import { brokerHost, type Production, startProduction } from '../app/support/production.ts';
import { signIn } from '../app/support/sign-in.ts';
import { buildBundle } from '../cli/support/bundle.ts';
import { startConnectProxy } from '../cli/support/connect-proxy.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';
import { type ProxyName, proxyNames, type ReverseProxy, startReverseProxy } from './support/proxies.ts';

const ends: (() => Promise<void> | void)[] = [];
const proxies = new Map<ProxyName, ReverseProxy>();
let production: Production;
let brokerPort = 0;

beforeAll(async () => {
  production = await startProduction(inject('redisUrl'), `balancers-${process.pid}:`, { tlsAtProxy: true });
  ends.push(() => production.close());
  brokerPort = production.portOf(brokerHost)!;
  const tls = await makeKeyPair(brokerHost, {
    altNames: [brokerHost],
    ca: keyPair('tls-ca'),
    privateKey: keyPair('broker-tls').key,
  });
  const operationsPort = production.config.operations.port;
  for (const name of proxyNames) {
    const proxy = await startReverseProxy(name, { host: brokerHost, port: brokerPort, operationsPort, tls });
    proxies.set(name, proxy);
    ends.push(() => proxy.stop());
  }
});
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** By way of a proxy, with the broker's name. */
function ask(
  proxy: ReverseProxy,
  { method = 'GET', path = '/login', headers = {}, body, agent }: Sent,
): Promise<Answer> {
  const options = {
    ...{ host: '127.0.0.1', port: proxy.port, servername: brokerHost, ca: production.caCertificate, method, path },
    ...(agent ? { agent } : {}),
    headers: {
      host: brokerHost,
      ...headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(options, (response) => read(response, resolve));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** As a proxy on loopback asks. */
function askBroker({ method = 'GET', path = '/login', headers = {}, body }: Sent): Promise<Answer> {
  const given = { host: brokerHost, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.8', ...headers };
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: brokerPort,
      method,
      path,
      headers: kept,
      setHost: false,
      agent: false,
    } as const;
    const sent = httpRequest(options, (response) => read(response, resolve));
    sent.on('error', reject);
    sent.end(body);
  });
}

function read(response: import('node:http').IncomingMessage, resolve: (answer: Answer) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () =>
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
  );
}

const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
const junk = (bytes: number) => `SAMLResponse=${'A'.repeat(bytes)}&RelayState=x`;
/** Of other applications of the domain. */
const foreignCookies = (bytes: number) =>
  Array.from({ length: bytes / 1024 }, (_, index) => `app${index}=${'c'.repeat(1024 - 10)}`).join('; ');

describe.each(proxyNames)('behind %s', (name) => {
  const proxy = () => proxies.get(name)!;

  function newBrowser() {
    const portOf = (hostname: string) => (hostname === brokerHost ? proxy().port : production.portOf(hostname));
    const browser = createHttpBrowser({
      ca: production.caCertificate,
      resolve: (hostname) => {
        const port = portOf(hostname);
        return port === undefined ? undefined : { address: '127.0.0.1', port };
      },
    });
    return browser;
  }

  test('a person signs in, by the address that the proxy saw', async () => {
    const browser = newBrowser();
    try {
      const page = await signIn(browser, production.brokerUrl, 'alice');
      expect([page.status, page.body.includes('Your accounts')]).toEqual([200, true]);
      expect(Object.keys(browser.cookies(production.brokerUrl))).toContain('__Host-rolegate');
      const record = production.log.findLast(({ event }) => event === 'sign_in');
      expect(record).toMatchObject({ user: 'alice@corp.example', sourceIp: '127.0.0.1' });
    } finally {
      browser.close();
    }
  });

  test('a client does not choose its address', async () => {
    const claims = { 'x-forwarded-for': '203.0.113.77', forwarded: 'for=203.0.113.77', 'x-real-ip': '203.0.113.77' };
    await ask(proxy(), { method: 'POST', path: '/saml/acs', headers: { ...form, ...claims }, body: junk(10) });
    const record = production.log.findLast(({ event }) => event === 'sign_in_refused');
    expect(record).toMatchObject({ sourceIp: '127.0.0.1' });
  });

  test('a command line signs in', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rolegate-balancer-'));
    const ca = join(directory, 'ca.pem');
    writeFileSync(ca, production.caCertificate);
    const [bundle, way] = [await buildBundle(), await startConnectProxy(undefined, () => proxy().port)];
    const terminal = openTerminal(bundle.file, {
      ...{ ROLEGATE_URL: production.brokerUrl, ROLEGATE_CA_BUNDLE: ca, HTTPS_PROXY: way.url },
    });
    const browser = newBrowser();
    try {
      const login = terminal.start('login', '--no-browser');
      const address = await login.says(/https:\S+\/oauth\/authorize\?\S+/);
      const { pathname, search } = new URL(address);
      const asked = await signIn(browser, production.brokerUrl, 'alice', pathname + search);
      await goOn(browser, await decide(browser, asked, 'allow'));
      expect([await login.ended, login.stderr()]).toEqual([0, expect.anything()]);
      const { code, stdout } = await terminal.run('roles', '--json');
      expect([code, stdout.includes('Developer')]).toEqual([0, true]);
    } finally {
      browser.close();
      terminal.remove();
      await way.stop();
      bundle.remove();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('a form of 400 KB arrives, a larger one is refused, by the broker above 512 KB', async () => {
    const post = (bytes: number) =>
      ask(proxy(), { method: 'POST', path: '/saml/acs', headers: form, body: junk(bytes) });
    const reason = () => production.log.findLast(({ event }) => event === 'sign_in_refused')?.['reason'];
    expect([(await post(400_000)).status, reason()]).toEqual([403, 'correlation']);
    for (const bytes of [600_000, 1_000_000]) {
      expect([(await post(bytes)).status, reason()], String(bytes)).toEqual([403, 'too_large']);
    }
    // nginx counts first; Apache and HAProxy pass on while they read, and the broker answers.
    expect([403, 413]).toContain((await post(3_000_000)).status);
    // The connection to the broker is as good as before.
    expect((await ask(proxy(), {})).status).toBe(303);
  });

  test('speaks HTTP/2 to browsers', async () => {
    const session = connectHttp2(`https://127.0.0.1:${proxy().port}`, {
      ca: production.caCertificate,
      servername: brokerHost,
    });
    try {
      const statusOf = (headers: Record<string, string>, body?: string) =>
        new Promise<number>((resolve, reject) => {
          const stream = session.request({ ':authority': brokerHost, ...headers }, { endStream: body === undefined });
          let status = 0;
          stream.on('response', (answer) => {
            status = Number(answer[':status']);
          });
          stream.on('end', () => resolve(status));
          stream.on('error', reject);
          stream.resume();
          if (body !== undefined) stream.end(body);
        });
      const post = { ':method': 'POST', ':path': '/saml/acs', ...form };
      expect(session.alpnProtocol ?? 'h2').toBe('h2');
      expect(await statusOf({ ':path': '/login' })).toBe(303);
      expect(await statusOf({ ':path': '/login', cookie: foreignCookies(32_768) })).toBe(303);
      expect(await statusOf(post, junk(400_000))).toBe(403);
      expect(await statusOf(post, junk(1_000_000))).toBe(403);
    } finally {
      session.close();
    }
  });

  test.each([16_384, 32_768])('takes %i bytes of cookies of other applications', async (bytes) => {
    expect((await ask(proxy(), { headers: { cookie: foreignCookies(bytes) } })).status).toBe(303);
  });

  test('answers clearly where they are too many', async () => {
    const { status } = await ask(proxy(), { headers: { cookie: foreignCookies(90 * 1024) } });
    expect([400, 431]).toContain(status);
  });
});

test('1,000 POSTs by each proxy on connections that were idle do not lose one', async () => {
  const rounds = 8;
  const each = 125;
  const countBy = async (proxy: ReverseProxy) => {
    const agent = new Agent({ keepAlive: true, maxSockets: each });
    const counts: Record<number, number> = {};
    for (let round = 0; round < rounds; round++) {
      // Node's default closes after 5 s and one more: a request sent just then was lost.
      if (round > 0) await sleep(5850 + round * 50);
      const sent = Array.from({ length: each }, () =>
        ask(proxy, { method: 'POST', path: '/saml/acs', headers: form, body: junk(100), agent }),
      );
      for (const { status } of await Promise.all(sent)) counts[status] = (counts[status] ?? 0) + 1;
    }
    agent.destroy();
    return counts;
  };
  const counts = await Promise.all([...proxies.values()].map(countBy));
  expect(counts).toEqual(proxyNames.map(() => ({ 403: rounds * each })));
});

describe('the broker itself', () => {
  test('keeps idle connections longer than balancers do', async () => {
    expect((await askBroker({ headers: { connection: 'keep-alive' } })).headers['keep-alive']).toBe('timeout=75');
    const socket = connect(brokerPort, '127.0.0.1');
    socket.on('data', () => {});
    const closed = new Promise<string>((resolve) => socket.once('close', () => resolve('closed')));
    socket.write(`GET /signed-out HTTP/1.1\r\nHost: ${brokerHost}\r\nX-Forwarded-Proto: https\r\n\r\n`);
    expect(await Promise.race([closed, sleep(8000, 'open')])).toBe('open');
    socket.destroy();
  });

  test.each([
    [brokerHost, 303],
    [`${brokerHost}:443`, 303],
    [`${brokerHost}:`, 303],
    ['RoleGate.Corp.Example', 303],
    ['ROLEGATE.CORP.EXAMPLE:443', 303],
    [`${brokerHost}:80`, 421],
    [`${brokerHost}:8443`, 421],
    [`${brokerHost}.`, 421],
    ['evil.example', 421],
    [`evil.example#${brokerHost}`, 421],
    [`${brokerHost}@evil.example`, 421],
  ])('with Host %s answers %i', async (host, status) => {
    const answer = await askBroker({ headers: { host } });
    expect(answer.status).toBe(status);
    if (status === 421) {
      expect(production.log.findLast(({ code }) => code === 'misdirected')).toMatchObject({
        host: `"${host}"`,
        expected: brokerHost,
      });
    }
  });

  test.each<[string, Record<string, string>, number]>([
    ['a scheme in capitals', { 'x-forwarded-proto': 'HTTPS' }, 303],
    ['http', { 'x-forwarded-proto': 'http' }, 421],
    ['a list of schemes', { 'x-forwarded-proto': 'https, http' }, 303],
    ['a list without a space', { 'x-forwarded-proto': 'HTTPS,https' }, 303],
    ['http first', { 'x-forwarded-proto': 'http, https' }, 421],
    ['white space', { 'x-forwarded-proto': ' https ' }, 303],
    ['a port in place of a scheme', { 'x-forwarded-proto': '443' }, 421],
    ['wss', { 'x-forwarded-proto': 'wss' }, 421],
    ['another X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }, 303],
    ['several X-Forwarded-Host', { 'x-forwarded-host': `evil.example, ${brokerHost}` }, 303],
    ['our X-Forwarded-Host with a foreign Host', { host: 'evil.example', 'x-forwarded-host': brokerHost }, 421],
    ['another X-Forwarded-Port', { 'x-forwarded-port': '8080' }, 303],
    ['X-Forwarded-Port 443 alone', { 'x-forwarded-proto': '', 'x-forwarded-for': '', 'x-forwarded-port': '443' }, 421],
    ['X-Forwarded-Ssl alone', { 'x-forwarded-proto': '', 'x-forwarded-ssl': 'on', 'front-end-https': 'on' }, 421],
    [
      'Forwarded with everything',
      {
        ...{ 'x-forwarded-proto': '', 'x-forwarded-for': '' },
        forwarded: `for=203.0.113.5:4711;host="evil.example";BY=_proxy;PROTO="https";ext="a,b;proto=http"`,
      },
      303,
    ],
    [
      'Forwarded without a scheme',
      { 'x-forwarded-proto': '', 'x-forwarded-for': '', forwarded: 'for=203.0.113.5' },
      421,
    ],
    ['Forwarded that is broken', { 'x-forwarded-proto': '', 'x-forwarded-for': '', forwarded: 'proto="https' }, 421],
    ['no scheme', { 'x-forwarded-proto': '' }, 421],
    ['Forwarded', { 'x-forwarded-proto': '', 'x-forwarded-for': '', forwarded: 'for=203.0.113.5;Proto=HTTPS' }, 303],
    ['Forwarded that says http', { 'x-forwarded-proto': '', 'x-forwarded-for': '', forwarded: 'proto=http' }, 421],
    ['Forwarded beside the older headers', { 'x-forwarded-proto': 'http', forwarded: 'proto=https' }, 421],
    [
      'Forwarded of the client first',
      { 'x-forwarded-proto': '', 'x-forwarded-for': '', forwarded: 'proto=https, proto=http' },
      421,
    ],
  ])('with %s', async (_, headers, status) => {
    expect((await askBroker({ headers })).status).toBe(status);
  });

  test.each<[Record<string, string>, string]>([
    [{ 'x-forwarded-for': '203.0.113.8:51324' }, '203.0.113.8'],
    [{ 'x-forwarded-for': '[2001:db8::2]:51324' }, '2001:db8::2'],
    [{ 'x-forwarded-for': '"[2001:db8::2]:51324"' }, '2001:db8::2'],
    [{ 'x-forwarded-for': '"203.0.113.9"' }, '203.0.113.9'],
    [{ 'x-forwarded-for': '::ffff:203.0.113.9' }, '203.0.113.9'],
    [{ 'x-forwarded-for': '[::ffff:203.0.113.9]:80' }, '203.0.113.9'],
    [{ 'x-forwarded-for': 'fe80::1%eth0' }, 'fe80::1'],
    [{ 'x-forwarded-for': '[fe80::1%25eth0]:80' }, 'fe80::1'],
    [
      { 'x-forwarded-for': '', 'x-forwarded-proto': '', forwarded: 'For="[2001:db8:cafe::17]:4711";proto=https' },
      '2001:db8:cafe::17',
    ],
    [
      { 'x-forwarded-for': '', 'x-forwarded-proto': '', forwarded: 'for=198.51.100.1, for=203.0.113.9;proto=https' },
      '203.0.113.9',
    ],
    [{ 'x-forwarded-for': '', 'x-forwarded-proto': '', forwarded: 'for=_hidden;proto=https' }, '127.0.0.1'],
    [{ 'x-forwarded-for': 'nonsense' }, '127.0.0.1'],
    [{ 'x-forwarded-for': 'unknown' }, '127.0.0.1'],
    [{ 'x-forwarded-for': '198.51.100.1,203.0.113.9' }, '203.0.113.9'],
    [{ 'x-forwarded-for': '203.0.113.9 ,' }, '127.0.0.1'],
    [{ 'x-forwarded-for': '203.0.113.9:' }, '127.0.0.1'],
    [{ 'x-forwarded-for': '203.0.113.9:123456' }, '127.0.0.1'],
    [{ 'x-forwarded-for': '0203.0.113.9' }, '127.0.0.1'],
    [{ 'x-forwarded-for': '2001:DB8:0:0::2' }, '2001:db8::2'],
    [{ 'x-forwarded-for': '[2001:db8::2]' }, '2001:db8::2'],
    [{ 'x-real-ip': '203.0.113.9', 'true-client-ip': '203.0.113.9' }, '203.0.113.8'],
  ])('reads the address of %j', async (headers, sourceIp) => {
    await askBroker({ method: 'POST', path: '/saml/acs', headers: { ...form, ...headers }, body: junk(10) });
    expect(production.log.findLast(({ event }) => event === 'sign_in_refused')).toMatchObject({ sourceIp });
  });

  test.each<[Record<string, string>, number]>([
    [{ origin: `https://${brokerHost}` }, 303],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
    [{ origin: 'null', 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    [{ origin: 'null', 'sec-fetch-site': 'none' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, 403],
    [{}, 403],
  ])('a form with %j', async (headers, status) => {
    const body = 'language=en&theme=dark&return_to=%2F';
    const answer = await askBroker({
      method: 'POST',
      path: '/portal/appearance',
      headers: { ...form, ...headers },
      body,
    });
    expect(answer.status).toBe(status);
    if (status === 403 && headers['origin'] === 'null') {
      expect(production.log.findLast(({ code }) => code === 'forbidden_origin')).toMatchObject({
        origin: 'null',
        msg: expect.stringContaining('Referrer-Policy'),
      });
    }
  });

  test('the API takes no Origin that is null', async () => {
    const headers = { 'content-type': 'application/json', origin: 'null', 'sec-fetch-site': 'same-origin' };
    expect((await askBroker({ method: 'POST', path: '/api/v1/credentials', headers, body: '{}' })).status).toBe(403);
  });

  test('says what is wrong with more than 64 KB of headers', async () => {
    const answer = await askBroker({ headers: { cookie: foreignCookies(80 * 1024) } });
    expect([answer.status, answer.body]).toEqual([431, expect.stringContaining('Delete the cookies of this site')]);
    expect((await askBroker({ headers: { cookie: foreignCookies(32_768) } })).status).toBe(303);
  });
});
