import { describe, expect, test } from 'vitest';
import { encode, host, useApp } from '../support/app.ts';

const createApp = useApp();
const roleArn = 'arn:aws:iam::012345678901:role/Developer';
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const json = { Accept: 'application/json' };
const origin = 'http://127.0.0.1:8080';

describe('every answer', () => {
  test('has a request id of our own, in the header, in the body and in the log', async () => {
    const { browser, log } = await createApp();
    const page = await browser().get('/nothing', { ...html, 'X-Request-Id': 'chosen-by-the-client' });
    const problem = await browser().get('/nothing', json);
    for (const answer of [page, problem]) expect(answer.get('X-Request-Id')).toMatch(/^[\w-]{12}$/);
    expect(page.get('X-Request-Id')).not.toBe(problem.get('X-Request-Id'));
    expect(page.text).toContain(page.get('X-Request-Id'));
    expect(JSON.parse(problem.text).requestId).toBe(problem.get('X-Request-Id'));
    for (const answer of [page, problem]) {
      const lines = log.lines().filter((line) => line['requestId'] === answer.get('X-Request-Id'));
      expect(lines.map((line) => line['msg'])).toEqual(['no route', 'request']);
    }
  });

  test.each([
    ['8 letters', 'a1._-Z9x', true],
    ['64 letters', 'a'.repeat(64), true],
    ['a UUID', '0b5e2a7e-97d5-4a52-9a53-35e0c2f9a0f5', true],
    ['7 letters', 'a'.repeat(7), false],
    ['65 letters', 'a'.repeat(65), false],
    ['markup', '<b>request</b>', false],
    ['two of them', 'first-of-two, second-of-two', false],
    ['letters beyond ASCII', 'requ\u00easte', false],
    ['nothing', '', false],
  ])('takes the id of a trusted proxy if it is short and plain: %s', async (_, id, isTaken) => {
    const { browser, log, audit } = await createApp((raw) => ({
      ...raw,
      listen: { port: 8080, trustProxy: ['127.0.0.1', '::1'] },
    }));
    const page = await browser().get('/nothing', { ...html, 'X-Request-Id': id });
    const used = page.get('X-Request-Id') ?? '';
    expect(used === id).toBe(isTaken);
    expect(used).toMatch(isTaken ? /./ : /^[\w-]{12}$/);
    expect(page.text).toContain(used);
    expect(log.lines().filter((line) => line['requestId'] === used)).toHaveLength(2);
    const headers = { 'X-Request-Id': id, 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'null' };
    const refused = await browser().send('POST', '/saml/acs', { headers, body: encode({ SAMLResponse: 'eA==' }) });
    expect(audit.lines().at(-1)).toMatchObject({ event: 'sign_in_refused', requestId: refused.get('X-Request-Id') });
  });

  test.each([
    ['a page', '/signed-out', 200],
    ['an error page', '/nothing', 404],
    ['a redirect', '/login', 303],
    ['a document of the API', '/api/v1/me', 401],
  ])('tells the browser to be strict: %s', async (_, path, status) => {
    const { browser } = await createApp();
    expectStrict(await browser().get(path, html), status);
  });

  test('tells the browser to be strict on an unknown host', async () => {
    const { browser } = await createApp();
    expectStrict(await browser().send('GET', '/', { headers: { ...html, Host: 'evil.example' } }), 421);
  });

  test('does not say what serves it', async () => {
    const { browser } = await createApp();
    const { headers } = await browser().get('/signed-out');
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
    expect(headers['etag']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
  });

  function expectStrict({ status, headers }: { status: number; headers: Record<string, string> }, expected: number) {
    expect(status).toBe(expected);
    const csp = headers['content-security-policy'] ?? '';
    const directives = new Map(csp.split(';').map((each) => each.trim().split(/ (.*)/s) as [string, string]));
    expect(csp).not.toMatch(/unsafe-|data:|\*(?!\.)|blob:/);
    expect(directives.get('default-src')).toBe("'none'");
    expect(directives.get('script-src')).toBe("'self'");
    expect(directives.get('style-src')).toBe("'self'");
    expect(directives.get('base-uri')).toBe("'none'");
    expect(directives.get('frame-ancestors')).toBe("'none'");
    expect(directives.get('form-action')?.split(' ')[0]).toBe("'self'");
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
    });
    // A path in a Referer would tell others what the person opens; `no-referrer` would make the Origin of our forms null.
    expect(headers['referrer-policy']).toBe('same-origin');
  }
});

describe('the Host header', () => {
  test.each(['evil.example', '127.0.0.1', '127.0.0.1:80', 'localhost:8080', '127.0.0.1:8080.evil.example', ''])(
    'of an unknown host is answered with 421: %j',
    async (wrong) => {
      const { browser } = await createApp();
      for (const path of ['/', '/login', '/saml/metadata', '/assets/rolegate.css', '/api/v1/me']) {
        const answer = await browser().send('GET', path, { headers: { ...json, Host: wrong } });
        expect([answer.status, JSON.parse(answer.text).code], path).toEqual([421, 'misdirected']);
      }
    },
  );

  test('counts, and what a proxy adds beside it does not', async () => {
    const { browser } = await createApp();
    const forwarded = { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' };
    const answer = await browser().send('GET', '/', { headers: forwarded });
    expect(answer.get('Location')).toBe('/login?return_to=%2F');
    const other = await browser().send('GET', '/', { headers: { Host: 'evil.example', 'X-Forwarded-Host': host } });
    expect(other.status).toBe(421);
  });
});

describe('a request that changes something', () => {
  const forms = ['/logout', '/portal/credentials', '/portal/console'];
  const calls = ['/api/v1/credentials', '/api/v1/console-url'];
  const origins: [name: string, headers: Record<string, string>][] = [
    ['no Origin', {}],
    ['the Origin null', { Origin: 'null' }],
    ['another Origin', { Origin: 'http://evil.example' }],
    ['another port', { Origin: 'http://127.0.0.1:8081' }],
    ['another scheme', { Origin: 'https://127.0.0.1:8080' }],
    ['an Origin that begins as ours', { Origin: `${origin}.evil.example` }],
    ['a Referer in its place', { Referer: `${origin}/` }],
  ];
  test.each(origins)('is refused with %s', async (_, headers) => {
    const { browser, audit } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const before = audit.lines().length;
    const type = 'application/x-www-form-urlencoded';
    for (const path of forms) {
      const sent = { headers: { ...headers, ...html, 'Content-Type': type }, body: encode({ roleArn }) };
      const answer = await alice.send('POST', path, sent);
      expect([answer.status, answer.text.includes('came from another site')], path).toEqual([403, true]);
    }
    for (const path of calls) {
      const answer = await alice.send('POST', path, { headers: { ...headers, ...json }, body: { roleArn } });
      expect([answer.status, JSON.parse(answer.text).code], path).toEqual([403, 'forbidden_origin']);
    }
    expect((await alice.get('/api/v1/me')).status).toBe(200);
    expect(audit.lines()).toHaveLength(before);
  });

  test('is accepted with the Origin of the broker, but not without a session', async () => {
    const { browser } = await createApp();
    for (const path of calls) {
      const answer = await browser().postJson(path, { roleArn });
      expect([answer.status, JSON.parse(answer.text).code], path).toEqual([401, 'unauthenticated']);
    }
    for (const path of forms.slice(1)) {
      expect((await browser().postForm(path, { roleArn })).status, path).toBe(401);
    }
  });
});

describe('the API', () => {
  test.each([
    ['GET', '/api/v1/me'],
    ['GET', '/api/v1/roles'],
  ])('%s %s without a session is 401, as a problem, whatever is asked for', async (method, path) => {
    const { browser } = await createApp();
    for (const headers of [html, json, {}]) {
      const answer = await browser().send(method, path, { headers });
      expect(answer.status).toBe(401);
      expect(answer.get('Content-Type')).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(answer.text)).toEqual({
        type: 'about:blank',
        status: 401,
        title: 'You are not signed in',
        detail: 'Sign in, then try again.',
        code: 'unauthenticated',
        requestId: answer.get('X-Request-Id'),
      });
    }
  });

  const bodies: [name: string, type: string, body: string, status: number, code: string][] = [
    ['broken JSON', 'application/json', `{"roleArn":"${roleArn}"`, 400, 'bad_request'],
    ['no object', 'application/json', '"text"', 400, 'bad_request'],
    ['a list', 'application/json', '[]', 400, 'bad_request'],
    ['null', 'application/json', 'null', 400, 'bad_request'],
    ['nothing', 'application/json', '', 400, 'bad_request'],
    ['no role', 'application/json', '{}', 400, 'bad_request'],
    ['a key more', 'application/json', `{"roleArn":"${roleArn}","surprise":1}`, 400, 'bad_request'],
    ['a role that is not a string', 'application/json', '{"roleArn":["x"]}', 400, 'bad_request'],
    ['too short a duration', 'application/json', `{"roleArn":"${roleArn}","durationSeconds":899}`, 400, 'bad_request'],
    [
      'too long a duration',
      'application/json',
      `{"roleArn":"${roleArn}","durationSeconds":129601}`,
      400,
      'bad_request',
    ],
    ['half a second', 'application/json', `{"roleArn":"${roleArn}","durationSeconds":900.5}`, 400, 'bad_request'],
    ['a form', 'application/x-www-form-urlencoded', encode({ roleArn }), 415, 'unsupported_media_type'],
    ['text', 'text/plain', `{"roleArn":"${roleArn}"}`, 415, 'unsupported_media_type'],
    ['another JSON', 'application/vnd.api+json', `{"roleArn":"${roleArn}"}`, 415, 'unsupported_media_type'],
    [
      'an unknown charset',
      'application/json; charset=latin1',
      `{"roleArn":"${roleArn}"}`,
      415,
      'unsupported_media_type',
    ],
    ['more than 16 KB', 'application/json', `{"roleArn":"${'x'.repeat(17_000)}"}`, 413, 'too_large'],
  ];
  test.each(bodies)('answers %s with the right status and no inner word', async (_, type, body, status, code) => {
    const { browser, log } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const headers = { Origin: origin, 'Content-Type': type };
    const answer = await alice.send('POST', '/api/v1/credentials', { headers, body });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/\bat .*\.[jt]s|node_modules|SyntaxError|body-parser|zod|surprise/i);
    expect(log.text()).not.toContain('SyntaxError');
  });

  test('refuses a role that no rule grants now, and records it', async () => {
    const { browser, audit } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const other = 'arn:aws:iam::012345678901:role/Admin';
    const answer = await alice.postJson('/api/v1/credentials', { roleArn: other });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, 'role_not_granted']);
    expect(audit.lines().at(-1)).toMatchObject({ event: 'role_refused', roleArn: other, code: 'role_not_granted' });
  });

  test('names the sign-in that a role asks for', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const answer = await alice.postJson('/api/v1/credentials', { roleArn: 'arn:aws:iam::111122223333:role/Admin' });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'step_up_required',
      stepUpUrl: `/login?step_up=${encodeURIComponent('arn:aws:iam::111122223333:role/Admin')}`,
    });
  });
});

describe('unknown paths', () => {
  const rows = [
    ['GET', '/nothing'],
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v1/credentials'],
    ['GET', '/saml/acs'],
    ['GET', '/logout'],
    ['GET', '/assets/nothing.css'],
    ['GET', '/assets/../app.ts'],
    ['GET', '/assets/%2e%2e/app.ts'],
    ['GET', '/assets/'],
    ['GET', '/readyz'],
    ['GET', '/metrics'],
    ['DELETE', '/api/v1/me'],
    ['PUT', '/portal/credentials'],
    ['POST', '/'],
    ['PATCH', '/login'],
  ] as const;
  test.each(rows)('%s %s is 404 or 405, as a page or as a problem', async (method, path) => {
    const { browser } = await createApp();
    const page = await browser().send(method, path, { headers: html });
    const problem = await browser().send(method, path, { headers: json });
    expect([404, 405]).toContain(problem.status);
    expect(page.status).toBe(problem.status);
    expect(problem.get('Content-Type')).toMatch(/^application\/problem\+json/);
    const isApi = path.startsWith('/api/');
    expect(page.get('Content-Type')).toMatch(isApi ? /^application\/problem\+json/ : /^text\/html/);
    expect(`${page.text}${problem.text}`).not.toMatch(/Cannot (GET|POST|PUT)|node_modules|\/src\//);
  });

  test.each(['/%', '/assets/%', '/%E0%A4%A', '/login?return_to=%'])(
    'an address that cannot be decoded: %s',
    async (path) => {
      const { browser } = await createApp();
      const answer = await browser().get(path, html);
      expect([303, 400, 404]).toContain(answer.status);
      expect(answer.text).not.toMatch(/URIError|Failed to decode|node_modules/);
    },
  );
});

describe('the assets', () => {
  test.each([
    ['/assets/rolegate.css', 'text/css'],
    ['/assets/rolegate.js', 'text/javascript'],
    ['/assets/icon.svg', 'image/svg+xml'],
  ])('%s may be cached, and is what it says', async (path, type) => {
    const { browser } = await createApp();
    const answer = await browser().get(path);
    expect(answer.status).toBe(200);
    expect(answer.get('Content-Type')).toContain(type);
    expect(answer.get('Cache-Control')).toBe('public, max-age=300');
    expect(answer.get('X-Content-Type-Options')).toBe('nosniff');
  });
});

describe('metadata', () => {
  test.each([
    ['/saml/metadata', 'SPSSODescriptor'],
    ['/aws/saml-metadata.xml', 'IDPSSODescriptor'],
  ])('%s is for everybody', async (path, role) => {
    const { browser } = await createApp();
    const answer = await browser().send('GET', path);
    expect(answer.status).toBe(200);
    expect(answer.get('Content-Type')).toContain('application/samlmetadata+xml');
    expect(answer.text).toContain(role);
    expect(answer.text).not.toContain('PRIVATE');
  });
});
