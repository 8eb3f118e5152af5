import { Writable } from 'node:stream';
import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { BrokerError, errorCodes, samlReasons } from '../../../src/errors.ts';
import { errorTable } from '../../../src/http/middleware/error-table.ts';
import { answerError } from '../../../src/http/middleware/errors.ts';
import { requestId } from '../../../src/http/middleware/request-id.ts';
import { en } from '../../../src/http/page/messages/en.ts';
import type { PageContext } from '../../../src/http/page/page-types.ts';
import { createLogger } from '../../../src/log.ts';
import { systemRandom } from '../../../src/random.ts';

const secret = 'private-detail-4711';
const page: PageContext = {
  portalName: 'Sample',
  help: 'Ask the platform team.',
  text: en,
  theme: 'system',
  density: 'comfortable',
  path: '/',
};

/** An app in which every request fails with this. */
function failing(thrown: unknown) {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const log = createLogger('debug', stream);
  const app = express();
  app.use(requestId(systemRandom, { networks: [], hops: undefined }));
  app.use(() => {
    throw thrown;
  });
  app.use(answerError({ log, pageContext: () => page }, () => ({})));
  return { get: (path: string, accept: string) => supertest(app).get(path).set('Accept', accept), log: () => text };
}

const thrown = (code: (typeof errorCodes)[number]) =>
  new BrokerError(code, `inner message ${secret}`, {
    reason: 'audience',
    details: { roleArn: `arn:${secret}` },
    cause: new Error(`cause ${secret}`),
  });

describe('the error table', () => {
  test('has a row for each code and no other', () => {
    expect(Object.keys(errorTable).sort()).toEqual([...errorCodes].sort());
  });

  test.each(errorCodes)('%s has a status, a title and something to do', (code) => {
    const { status, retryAfterSeconds } = errorTable[code];
    const { title, help } = en.errors[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
    // RFC 9110 §10.2.3: an answer that asks the client to come back says when.
    expect(retryAfterSeconds !== undefined).toBe(status === 503 || status === 429);
  });

  test('tells the public nothing of the inside', () => {
    const inner = new RegExp(
      `\\b(${samlReasons.join('|')}|redis|ioredis|xml|assertion|stack|exception|undefined|null|token|cookie)\\b`,
      'i',
    );
    // About other things than a SAML message: a request's size, what AWS says, and a sign-in of the command line.
    const allowed: string[] = ['too_large', 'sts_assertion_expired', 'command_line_refused'];
    for (const code of errorCodes.filter((each) => !allowed.includes(each))) {
      const { title, help } = en.errors[code];
      expect(`${title} ${help}`, code).not.toMatch(inner);
    }
  });

  test('has one text for every refused SAML message', () => {
    expect(errorTable.saml_refused.status).toBe(403);
    expect(en.errors.saml_refused).toEqual({
      title: 'The sign-in could not be completed',
      help: expect.stringContaining('request id'),
    });
  });
});

describe.each(errorCodes)('an error with the code %s', (code) => {
  test('is a page for browsers', async () => {
    const { get } = failing(thrown(code));
    const answer = await get('/page', 'text/html,application/xhtml+xml,*/*;q=0.8');
    expect(answer.status).toBe(errorTable[code].status);
    expect(answer.get('Content-Type')).toMatch(/^text\/html/);
    expect(answer.text).toContain(`<code>${answer.get('X-Request-Id')}</code>`);
    expect(answer.text).toContain(page.help);
    expect(`${JSON.stringify(answer.headers)}${answer.text}`).not.toContain(secret);
  });

  test('is a problem for programs, with its code (RFC 9457)', async () => {
    const { get } = failing(thrown(code));
    for (const [path, accept] of [
      ['/page', 'application/json'],
      ['/api/v1/x', 'text/html'],
    ] as const) {
      const answer = await get(path, accept);
      const { status } = errorTable[code];
      const { title, help } = en.errors[code];
      expect(answer.status).toBe(status);
      expect(answer.get('Content-Type')).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(answer.text)).toEqual({
        type: 'about:blank',
        status,
        title,
        detail: help,
        code,
        requestId: answer.get('X-Request-Id'),
      });
      expect(answer.get('Retry-After')).toBe(errorTable[code].retryAfterSeconds?.toString());
      expect(JSON.stringify(answer.headers)).not.toContain(secret);
    }
  });

  test('is in the log with its exact reason', async () => {
    const { get, log } = failing(thrown(code));
    const answer = await get('/page', 'text/html');
    // A flood must not fill the log: the audit trail counts what the limit refused.
    if (code === 'rate_limited') return expect(log()).toBe('');
    expect(JSON.parse(log())).toMatchObject({
      level: errorTable[code].status >= 500 ? 'error' : 'warn',
      requestId: answer.get('X-Request-Id'),
      code,
      reason: 'audience',
      roleArn: `arn:${secret}`,
      msg: `inner message ${secret}`,
    });
  });
});

describe('unexpected errors', () => {
  test.each([
    ['an error', new TypeError(`secret ${secret}`)],
    ['an error with a status of its own', Object.assign(new Error(secret), { status: 418 })],
    ['a text', secret],
    ['a number', 4711],
  ])('is 500 to the public: %s', async (_, value) => {
    const { get, log } = failing(value);
    const answer = await get('/page', 'text/html');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain(secret);
    expect(answer.text).not.toMatch(/TypeError|node_modules| at /);
    expect(JSON.parse(log())).toMatchObject({ level: 'error', code: 'internal' });
  });
});
