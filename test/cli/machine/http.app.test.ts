import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sendRequest } from '../../../src/cli/machine/http.ts';
import { networkError } from '../../../src/cli/machine/network-error.ts';
import { readSettings } from '../../../src/cli/machine/settings.ts';
import { endsWithUs } from '../../support/children.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const hostname = 'broker.corp.test';
let far: StandIn;
let near: StandIn;
let proxy: ConnectProxy;
let guarded: ConnectProxy;
let files: Machine;
let caFile: string;

beforeAll(async () => {
  const altNames = [{ type: 2 as const, value: hostname }];
  const extensions = [{ name: 'subjectAltName' as const, altNames }];
  const pair = await generate([{ name: 'commonName', value: hostname }], { keyType: 'ec', extensions });
  const tls = { key: pair.private, cert: pair.cert };
  [far, near] = [await startStandIn({ tls, hostname }), await startStandIn({ tls })];
  [proxy, guarded] = [await startConnectProxy(), await startConnectProxy('person:secret')];
  files = createMachine();
  caFile = join(files.home, 'company.pem');
  writeFileSync(caFile, pair.cert);
});
afterAll(async () => {
  for (const each of [far, near, proxy, guarded]) await each.stop();
  files.remove();
});
beforeEach(() => {
  proxy.targets.length = 0;
});

function discovery(origin: string, env: Record<string, string>) {
  const context = { ...files.context, env };
  return sendRequest(context, { method: 'GET', url: `${origin}/.well-known/oauth-authorization-server` });
}

describe('through a proxy, to a broker with a certificate of the company', () => {
  test.each(['https_proxy', 'HTTPS_PROXY'])('%s is used', async (name) => {
    const { status, body } = await discovery(far.origin, { [name]: proxy.url, NODE_EXTRA_CA_CERTS: caFile });
    expect([status, body]).toEqual([200, expect.objectContaining({ issuer: far.origin })]);
    expect(proxy.targets).toEqual([`${hostname}:${far.port}`]);
  });

  test.each(['ROLEGATE_CA_BUNDLE', 'AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'])('%s is trusted', async (name) => {
    expect((await discovery(far.origin, { HTTPS_PROXY: proxy.url, [name]: caFile })).status).toBe(200);
  });

  test('--ca-bundle does for every command, before and behind its name', async () => {
    for (const argv of [
      ['--ca-bundle', caFile, 'init', far.origin],
      ['init', far.origin, '--ca-bundle', caFile],
    ]) {
      const machine = createMachine({ env: { HTTPS_PROXY: proxy.url } });
      expect((await run(machine, ...argv).ended).exit).toBe('ok');
      expect(readSettings(machine.context).defaultBroker).toBe(far.origin);
      machine.remove();
    }
  });

  test('name and password for the proxy go along, and are not shown when they are wrong', async () => {
    const env = { NODE_EXTRA_CA_CERTS: caFile };
    expect((await discovery(far.origin, { ...env, HTTPS_PROXY: guarded.url })).status).toBe(200);
    const wrong = discovery(far.origin, { ...env, HTTPS_PROXY: guarded.url.replace('secret', 'wrong-word') });
    await expect(wrong).rejects.toMatchObject({
      exit: 'network',
      message: expect.stringMatching(/the proxy .*refused.*407(?!.*wrong-word)/s),
    });
  });

  test.each(['no_proxy', 'NO_PROXY'])('%s leads past it', async (name) => {
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: caFile, [name]: 'other.test,127.0.0.1' };
    await expect(discovery(near.origin, env)).rejects.toMatchObject({
      message: expect.stringContaining('another name'),
    });
    expect(proxy.targets).toEqual([]);
  });
});

describe('with NODE_TLS_REJECT_UNAUTHORIZED=0 a certificate that is not trusted is refused all the same', () => {
  const once = fileURLToPath(new URL('../support/request-once.ts', import.meta.url));
  const ask = (origin: string, env: Record<string, string>) => {
    const all = { PATH: process.env['PATH'], NODE_TLS_REJECT_UNAUTHORIZED: '0', ...env };
    const words = ['--import', 'tsx', once, `${origin}/.well-known/oauth-authorization-server`];
    return text(endsWithUs(spawn(process.execPath, words, { env: all, stdio: ['ignore', 'pipe', 'ignore'] })).stdout!);
  };

  test('without a proxy', async () => {
    expect(await ask(`https://127.0.0.1:${near.port}`, {})).toContain('not trusted here');
  });

  test('through a proxy', async () => {
    expect(await ask(far.origin, { HTTPS_PROXY: proxy.url })).toContain('not trusted here');
    expect(proxy.targets).toEqual([`${hostname}:${far.port}`]);
  });

  test('of the proxy', async () => {
    const env = { HTTPS_PROXY: `https://127.0.0.1:${near.port}` };
    expect(await ask(far.origin, env)).toContain('not trusted here');
  });
});

test('a terminal shows after a second what the command waits for, and the line goes with the answer', async () => {
  const server = createHttpServer((_, response) => void setTimeout(() => response.end('{}'), 1_500));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [terminal, script] = [Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()];
  const shown = await Promise.all(
    [terminal, script].map(async (stderr) => {
      await sendRequest({ ...files.context, stderr }, { method: 'GET', url: origin });
      return String(stderr.read() ?? '');
    }),
  );
  server.close();
  expect(shown).toEqual([`\r\x1b[KWaiting for ${origin.slice(7)}…\r\x1b[K`, '']);
});

describe('a failure is named, with a remedy', () => {
  test('a certificate of a company that is not known here', async () => {
    await expect(discovery(far.origin, { HTTPS_PROXY: proxy.url })).rejects.toMatchObject({
      exit: 'network',
      message: expect.stringMatching(/not trusted here: .*--ca-bundle/),
    });
  });

  test('a certificate for another name', async () => {
    await expect(discovery(near.origin, { AWS_CA_BUNDLE: caFile })).rejects.toMatchObject({
      exit: 'network',
      message: expect.stringContaining('for another name'),
    });
  });

  test('a CA file that is not there', async () => {
    await expect(discovery(near.origin, { AWS_CA_BUNDLE: '/no/such.pem' })).rejects.toMatchObject({
      exit: 'usage',
      message: 'the CA file /no/such.pem cannot be read',
    });
  });

  test('connection refused', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    await expect(discovery(`http://127.0.0.1:${port}`, {})).rejects.toMatchObject({
      exit: 'network',
      message: `127.0.0.1:${port} cannot be reached: connection refused (ECONNREFUSED)`,
    });
  });

  test.each([
    ['ENOTFOUND', /the host name cannot be resolved/],
    ['EAI_AGAIN', /the host name cannot be resolved/],
    ['UND_ERR_CONNECT_TIMEOUT', /no answer in time/],
    ['ECONNRESET', /the connection failed/],
    ['CERT_NOT_YET_VALID', /is this machine's clock right/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted here/],
    ['EMFILE', /cannot be reached \(EMFILE\)/],
  ])('%s', (code, message) => {
    const inner = Object.assign(new Error('inside'), { code });
    const wrapped = [inner, new AggregateError([inner]), new TypeError('outside', { cause: inner })];
    for (const error of wrapped) expect(networkError('broker.example', error).message).toMatch(message);
  });

  test('https to a port without it', async () => {
    const plain = await startStandIn();
    await expect(discovery(plain.origin.replace('http:', 'https:'), {})).rejects.toMatchObject({
      exit: 'network',
      message: expect.stringContaining('no secure connection'),
    });
    await plain.stop();
  });
});
