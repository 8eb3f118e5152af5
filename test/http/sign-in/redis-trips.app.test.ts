// What a sign-in and a request cost at Redis: round trips, commands and memory, counted on the wire.
import { createConnection, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../support/ports.ts';
import { startRedis } from '../../support/redis.ts';
import { type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Traffic {
  /** Times that the client spoke after the server had answered. */
  trips: number;
  /** In order. */
  commands: string[];
}

/** A proxy in front of a Redis server. */
async function startCountingProxy(target: number): Promise<{ port: number; traffic: Traffic }> {
  const traffic: Traffic = { trips: 0, commands: [] };
  const sockets = new Set<Socket>();
  const port = await freePort();
  const proxy = createServer((client) => {
    const server = createConnection(target, '127.0.0.1');
    let isAsking = false;
    client.on('data', (chunk: Buffer) => {
      if (!isAsking) traffic.trips++;
      isAsking = true;
      // A command is an array of bulk strings, the first of them its name.
      for (const [, name] of chunk.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n/g)) {
        traffic.commands.push(name!.toLowerCase());
      }
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      isAsking = false;
      client.write(chunk);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => client.destroy() && server.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return { port, traffic };
}

async function start(): Promise<{ app: TestApp; traffic: Traffic; redis: Redis }> {
  const server = await startRedis();
  cleanups.push(server.stop);
  const { port, traffic } = await startCountingProxy(server.port);
  const app = await createApp((raw) => ({ ...raw, store: { type: 'redis', url: `redis://127.0.0.1:${port}` } }));
  cleanups.push(app.broker.close);
  await app.broker.start();
  const redis = new Redis(server.url);
  cleanups.push(() => redis.disconnect());
  return { app, traffic, redis };
}

/** @returns the commands and trips of this work alone */
async function counted(traffic: Traffic, work: () => Promise<unknown>): Promise<Traffic> {
  traffic.trips = 0;
  traffic.commands.length = 0;
  await work();
  return { trips: traffic.trips, commands: [...traffic.commands] };
}

describe('a sign-in', () => {
  test('takes three round trips, and claims before it takes and opens', async () => {
    const { app, traffic } = await start();
    // The first message of a key is checked by the reference verifier, and the list of distrusted providers is read.
    await app.browser().signIn('alice');
    const browser = app.browser();
    const started = await browser.startLogin();
    const { trips, commands } = await counted(traffic, async () => {
      expect((await browser.answer(started, 'alice')).status).toBe(303);
    });
    expect(commands).toEqual(['get', 'eval', 'set', 'eval', 'set', 'set', 'eval']);
    expect(trips).toBe(3);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
  });

  test('ends the session before it in the same trips', async () => {
    const { app, traffic } = await start();
    const browser = app.browser();
    await browser.signIn('alice');
    const before = browser.cookies.get('rolegate')!;
    const started = await browser.startLogin();
    const { trips, commands } = await counted(traffic, () => browser.answer(started, 'alice'));
    expect(commands).toEqual(['get', 'eval', 'getdel', 'del', 'set', 'eval', 'set', 'set', 'eval']);
    expect(trips).toBe(3);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    browser.cookies.set('rolegate', before);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });

  test('leaves an index that Redis packs', async () => {
    const { app, redis } = await start();
    await app.browser().signIn('alice');
    const [key] = await redis.keys('*open-sessions:*');
    expect(await redis.object('ENCODING', key!)).toMatch(/^(?:listpack|ziplist)$/);
    expect(await redis.memory('USAGE', key!)).toBeLessThan(300);
  });
});

describe('a request with a session', () => {
  test('reads it, and moves its end at most once in a sixtieth of its idle time', async () => {
    const { app, traffic } = await start();
    const browser = app.browser();
    await browser.signIn('alice');
    const ask = () => counted(traffic, () => browser.get('/api/v1/me'));
    // The session and its entry, together.
    expect(await ask()).toEqual({ trips: 2, commands: ['get', 'get', 'pexpire', 'pexpire'] });
    expect(await ask()).toEqual({ trips: 1, commands: ['get', 'get'] });
    app.clock.advance(app.config.session.idleTimeoutMs / 60 - 1);
    expect((await ask()).commands).toEqual(['get', 'get']);
    app.clock.advance(1);
    expect((await ask()).commands).toEqual(['get', 'get', 'pexpire', 'pexpire']);
  });
});
