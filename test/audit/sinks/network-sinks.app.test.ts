// Syslog and HTTP sinks against real listeners.
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createJsonLinesAudit } from '../../../src/audit/chain/json-lines.ts';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { createHttpSink } from '../../../src/audit/sinks/http-sink.ts';
import { createSyslogSink } from '../../../src/audit/sinks/syslog-sink.ts';
import { createTestClock } from '../../support/clock.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { findProblems } from '../support/find-problems.ts';

const signOut = { event: 'sign_out', idp: 'adfs', user: 'müller@corp.example' } satisfies AuditEvent;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Keeps what it receives; `drop` ends every connection. */
async function syslogReceiver(makeServer: (accept: (socket: Socket) => void) => Server) {
  let received = Buffer.alloc(0);
  const sockets = new Set<Socket>();
  const server = makeServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
  });
  const port = await listen(server);
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  closers.push(() => {
    drop();
    server.close();
  });
  return { port, drop, messages: () => framesOf(received) };
}

/** RFC 6587 §3.4.1: MSG-LEN SP SYSLOG-MSG. */
function framesOf(bytes: Buffer): string[] {
  const frames: string[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const space = rest.indexOf(' ');
    const length = Number(rest.toString('latin1', 0, space));
    if (rest.length < space + 1 + length) break;
    frames.push(rest.toString('utf8', space + 1, space + 1 + length));
    rest = rest.subarray(space + 1 + length);
  }
  return frames;
}

function syslogSink(port: number) {
  const sink = createSyslogSink({
    connect: () => connect({ host: '127.0.0.1', port }),
    connectedEvent: 'connect',
    hostname: 'broker-1',
    processId: 42,
  });
  closers.push(sink.close);
  return sink.write;
}

describe('syslog', () => {
  test('has one message for each record, with its own time, and the line as it is [RFC 5424 §6]', async () => {
    const receiver = await syslogReceiver(createServer);
    const audit = createJsonLinesAudit(syslogSink(receiver.port), createTestClock(), 'start');
    await Promise.all(['one', 'two', 'müller'].map((user) => audit.record({ ...signOut, user }, undefined)));
    await expect.poll(() => receiver.messages().length).toBe(3);
    const header = '<110>1 2026-03-02T09:00:00.000Z broker-1 rolegate 42 sign_out - ';
    const lines = receiver.messages().map((message) => {
      expect(message.startsWith(header)).toBe(true);
      return message.slice(header.length);
    });
    expect(await findProblems(lines.join('\n'))).toEqual([]);
    expect(JSON.parse(lines[2]!).user).toBe('müller');
  });

  test('connects again after the receiver ended the connection', async () => {
    const receiver = await syslogReceiver(createServer);
    const write = syslogSink(receiver.port);
    await write('one\n', { isDurable: false });
    await expect.poll(() => receiver.messages().length).toBe(1);
    receiver.drop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await write('two\n', { isDurable: false });
    await expect.poll(() => receiver.messages().map((each) => each.slice(-3))).toEqual(['one', 'two']);
  });

  test('fails where nothing listens, and works once something does', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const write = syslogSink(port);
    await expect(write('one\n', { isDurable: false })).rejects.toThrow(/ECONNREFUSED/);
    await expect(write('one\n', { isDurable: false })).rejects.toThrow(/ECONNREFUSED/);
  });

  test('fails in time where the receiver accepts the connection and does nothing', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      closers.push(() => socket.destroy());
    });
    closers.push(() => server.close());
    const port = await listen(server);
    const { write } = createSyslogSink({
      connect: () => connectTls({ host: '127.0.0.1', port }),
      connectedEvent: 'secureConnect',
      hostname: 'broker-1',
      processId: 42,
    });
    await expect(write('one\n', { isDurable: false })).rejects.toThrow('no connection in time');
  });

  test('fails in time where the connection takes nothing, and makes another one', async () => {
    const receiver = await syslogReceiver(createServer);
    let isStuck = true;
    const { write, close } = createSyslogSink({
      connect: () => {
        const socket = connect({ host: '127.0.0.1', port: receiver.port });
        // The system here takes any number of bytes for a receiver that does not read.
        if (isStuck) socket._write = () => {};
        isStuck = false;
        return socket;
      },
      connectedEvent: 'connect',
      hostname: 'broker-1',
      processId: 42,
    });
    closers.push(close);
    await expect(write('one\n', { isDurable: false })).rejects.toThrow(/does not read|closed/);
    await write('two\n', { isDurable: false });
    await expect.poll(() => receiver.messages().map((each) => each.slice(-3))).toEqual(['two']);
  });

  test('over TLS trusts only the given authority', async () => {
    const { key, cert } = keyPair('tls-localhost');
    const receiver = await syslogReceiver((accept) => createTlsServer({ key, cert }, accept));
    const sinkWith = (ca: string | undefined) => {
      const sink = createSyslogSink({
        connect: () => connectTls({ host: 'localhost', port: receiver.port, ...(ca !== undefined && { ca }) }),
        connectedEvent: 'secureConnect',
        hostname: 'broker-1',
        processId: 42,
      });
      closers.push(sink.close);
      return sink.write;
    };
    await expect(sinkWith(undefined)('one\n', { isDurable: false })).rejects.toThrow(/certificate/);
    await sinkWith(keyPair('tls-ca').cert)('two\n', { isDurable: false });
    await expect.poll(() => receiver.messages().map((each) => each.slice(-3))).toEqual(['two']);
  });
});

describe('HTTP', () => {
  async function httpReceiver(answers: number[]) {
    const requests: { body: string; authorization: string | undefined; type: string | undefined }[] = [];
    const server = createHttpServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { authorization, 'content-type': type } = request.headers;
      requests.push({ body, authorization, type });
      response.writeHead(answers.shift() ?? 204, { location: 'http://127.0.0.1:1/' }).end();
    });
    const port = await listen(server);
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${port}/audit`;
    const write = createHttpSink({ url, authorization: 'Bearer secret', fetch: globalThis.fetch, jitter: () => 0 });
    return { requests, write };
  }

  test('gets what waits in one request', async () => {
    const { requests, write } = await httpReceiver([]);
    const audit = createJsonLinesAudit(write, createTestClock(), 'start');
    await Promise.all(
      Array.from({ length: 20 }, (_, each) => audit.record({ ...signOut, user: `${each}` }, undefined)),
    );
    expect(requests.map(({ body }) => body.trimEnd().split('\n').length)).toEqual([1, 19]);
    expect(requests[0]).toMatchObject({ authorization: 'Bearer secret', type: 'application/x-ndjson' });
    expect(await findProblems(requests.map(({ body }) => body).join(''))).toEqual([]);
  });

  test('gets the same request again after 429 and 5xx', async () => {
    const { requests, write } = await httpReceiver([503, 429]);
    await write('one\n', { isDurable: false });
    expect(requests.map(({ body }) => body)).toEqual(['one\n', 'one\n', 'one\n']);
  });

  test.each([
    [400, 1],
    [403, 1],
    [302, 1],
  ])('fails on %i', async (status, asked) => {
    const { requests, write } = await httpReceiver([status, status, status]);
    await expect(write('one\n', { isDurable: false })).rejects.toThrow();
    if (status !== 302) expect(requests).toHaveLength(asked);
  });

  test('fails after three attempts', async () => {
    const { requests, write } = await httpReceiver([503, 503, 503, 204]);
    await expect(write('one\n', { isDurable: false })).rejects.toThrow('the receiver answered 503');
    expect(requests).toHaveLength(3);
  });
});
