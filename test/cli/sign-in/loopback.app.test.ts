import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Loopback, listenForCallback } from '../../../src/cli/sign-in/loopback.ts';

const state = 'a-state-of-this-sign-in';
const issuer = 'https://broker.example';
const good = `/callback?code=the-code&state=${state}&iss=${encodeURIComponent(issuer)}`;

let loopback: Loopback;
beforeEach(async () => {
  loopback = await listenForCallback({ port: undefined, state, issuer });
});
afterEach(() => loopback.close(false));

/** What the broker brought back, once it was validated. */
async function code(): Promise<string | null> {
  const callback = await loopback.callback;
  return 'response' in callback ? callback.response.get('code') : callback.error;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

function send(path: string, options: { method?: string; host?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', host = `127.0.0.1:${loopback.port}` } = options;
    const sent = request({ host: '127.0.0.1', port: loopback.port, path, method, headers: { host } }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('whatever else arrives', () => {
  const without = (name: string) => good.replace(new RegExp(`${name}=[^&]*&?`), '');
  const strangers: [string, string, { method?: string; host?: string }, number][] = [
    ['an icon that a browser wants', '/favicon.ico', {}, 404],
    ['the front page', '/', {}, 404],
    ['another path with the right state', good.replace('/callback', '/other'), {}, 404],
    ['a longer path', good.replace('/callback', '/callback/'), {}, 400],
    ['a path in other letters', good.replace('/callback', '/CALLBACK'), {}, 404],
    ['a form', good, { method: 'POST' }, 404],
    ['a question for the headers', good, { method: 'HEAD' }, 404],
    ['a question of a page of another site [CORS]', good, { method: 'OPTIONS' }, 404],
    ['a name that leads here [DNS rebinding]', good, { host: 'attacker.example' }, 400],
    ['localhost, which is not the address that was given out', good, { host: 'localhost' }, 400],
    ['another state [RFC 6749 §10.12]', good.replace(state, 'a-state-of-that-sign-in'), {}, 400],
    ['a state with more behind it', good.replace(state, `${state}x`), {}, 400],
    ['no state', without('state'), {}, 400],
    ['two states', `${good}&state=${state}`, {}, 400],
    ['two codes', `${good}&code=another`, {}, 400],
    ['no code', without('code'), {}, 400],
    ['an empty code', good.replace('the-code', ''), {}, 400],
    ['another issuer [RFC 9207 §2.4]', good.replace('broker', 'attacker'), {}, 400],
    ['no issuer [RFC 9207 §2.4]', without('iss'), {}, 400],
    ['an error for another request', `/callback?error=access_denied&state=other`, {}, 400],
    ['the last page before its time', '/done', {}, 404],
  ];

  test('is turned away, and the right answer still counts', async () => {
    for (const [name, path, options, status] of strangers) {
      const answer = await send(path, options);
      expect(answer.status, name).toBe(status);
      expect(answer.headers, name).toMatchObject({ connection: 'close', 'cache-control': 'no-store' });
      expect(answer.text, name).not.toContain('the-code');
    }
    const last = send(good);
    expect(await code()).toBe('the-code');
    void loopback.close(true);
    expect((await last).status).toBe(303);
  });

  test('a second right answer is turned away', async () => {
    const first = send(good);
    expect(await code()).toBe('the-code');
    expect((await send(good.replace('the-code', 'another'))).status).toBe(400);
    const closed = loopback.close(true);
    expect((await first).headers['location']).toBe('/done');
    await send('/done');
    await closed;
  });

  test('lines that are not HTTP change nothing', async () => {
    const socket = connect(loopback.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('\u0016\u0003\u0001hello\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    const answer = send(good);
    expect(await code()).toBe('the-code');
    void loopback.close(true);
    await answer;
  });
});

describe('the end', () => {
  test('takes the code out of the address, with a page that allows nothing', async () => {
    const answer = send(good);
    await loopback.callback;
    const closed = loopback.close(true);
    expect((await answer).headers).toMatchObject({ location: '/done', 'referrer-policy': 'no-referrer' });
    const page = await send('/done');
    await closed;
    expect(page.text).toContain('The command line is signed in.');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
    );
    expect(page.headers).toMatchObject({
      connection: 'close',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  test('closes the port while a client still holds a connection', async () => {
    const socket = connect(loopback.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resume();
    const ended = once(socket, 'close');
    await loopback.close(false);
    await ended;
    await expect(send('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('does not wait for a browser that is gone', async () => {
    const socket = connect(loopback.port, '127.0.0.1');
    socket.write(`GET ${good} HTTP/1.1\r\nHost: 127.0.0.1:${loopback.port}\r\n\r\n`);
    await loopback.callback;
    socket.destroy();
    await once(socket, 'close');
    await loopback.close(true);
    await expect(send('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('says why where the broker refused', async () => {
    const answer = send(
      `/callback?error=access_denied&error_description=not+me&state=${state}&iss=${encodeURIComponent(issuer)}`,
    );
    expect(await loopback.callback).toEqual({ error: 'access_denied', description: 'not me' });
    const closed = loopback.close(false);
    await answer;
    expect((await send('/done')).text).toContain('is not signed in');
    await closed;
  });
});

describe('the listener', () => {
  test('is on this machine only, by its address [RFC 8252 §8.3]', () => {
    expect(loopback.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  test('does not share its port', async () => {
    await expect(listenForCallback({ port: loopback.port, state, issuer })).rejects.toMatchObject({ exit: 'usage' });
  });
});
