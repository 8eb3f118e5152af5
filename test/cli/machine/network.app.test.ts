// The built command behind proxies that do what they should not, and with CA files as people have them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { keyPair } from '../../support/key-pairs.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const hostname = 'broker.corp.test';
let bundle: Bundle;
let broker: StandIn;
let proxy: ConnectProxy;
let certificate: string;
let machine: Machine;

beforeAll(async () => {
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: hostname }] }];
  const pair = await generate([{ name: 'commonName', value: hostname }], { keyType: 'ec', extensions });
  certificate = pair.cert;
  [bundle, proxy] = await Promise.all([buildBundle(), startConnectProxy()]);
  broker = await startStandIn({ tls: { key: pair.private, cert: pair.cert }, hostname });
});
afterAll(async () => {
  bundle.remove();
  await Promise.all([broker.stop(), proxy.stop()]);
});
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

const run = (args: readonly string[], env: Readonly<Record<string, string>>) => bundle.run(machine.home, args, env);

async function startRaw(serve: (socket: Socket) => void) {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections, stop };
}

describe('a proxy that', () => {
  const replying = (answer: string) => (socket: Socket) => socket.once('data', () => socket.end(answer));
  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['closes at once', (socket) => socket.end(), /ECONNRESET/],
    ['reads CONNECT and closes', replying(''), /ECONNRESET/],
    ['resets', (socket) => void socket.once('data', () => socket.resetAndDestroy()), /ECONNRESET/],
    ['speaks SSH', (socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'), /does not speak HTTP/],
    [
      'refuses',
      replying('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
      /refused the connection to broker.corp.test:443 \(status 502/,
    ],
    ['wants a password', replying('HTTP/1.1 407 Authenticate\r\n\r\n'), /http:\/\/name:password@/],
    ['is silent', () => {}, /: no answer in time/],
    [
      'opens the tunnel and is silent',
      (socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n')),
      /in time/,
    ],
  ])('%s ends the command, and is named', { timeout: 60_000 }, async (_, serve, why) => {
    const raw = await startRaw(serve);
    const { code, stdout, stderr } = await run(['init', `https://${hostname}`], { HTTPS_PROXY: raw.address });
    raw.stop();
    expect({ code, stdout, stderr }).toEqual({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining(`the proxy http://${raw.address} of HTTPS_PROXY`),
    });
    expect(stderr).toMatch(why);
    expect(raw.connections()).toBeLessThanOrEqual(10);
  });

  test('closes within the tunnel ends the command', async () => {
    const raw = await startRaw(replying('HTTP/1.1 200 OK\r\n\r\n'));
    expect(await run(['init', `https://${hostname}`], { HTTPS_PROXY: raw.address })).toMatchObject({ code: 5 });
    raw.stop();
    expect(raw.connections()).toBeLessThanOrEqual(10);
  });

  test('cannot be reached is not taken for the broker, and its name neither', async () => {
    const gone = await startRaw(() => {});
    gone.stop();
    for (const address of [gone.address, 'no-such-proxy.invalid:3128']) {
      const { code, stderr } = await run(['init', `https://${hostname}`], { https_proxy: address });
      expect([code, stderr]).toEqual([5, expect.stringContaining(`the proxy http://${address} of https_proxy cannot`)]);
    }
  });

  test('has a password that was not encoded is refused without it, by doctor as well', async () => {
    const env = { HTTPS_PROXY: 'http://CORP\\jane:hidden%w@proxy:3128' };
    const { code, stderr } = await run(['init', `https://${hostname}`], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining('HTTPS_PROXY: percent-encode the password')]);
    const doctor = await run(['doctor', '--broker', `https://${hostname}`], env);
    expect(doctor.stdout).toContain('FAILED   proxy: HTTPS_PROXY: percent-encode');
    expect(stderr + doctor.stdout + doctor.stderr).not.toContain('hidden');
  });

  test('is written without a scheme serves', async () => {
    const file = join(machine.home, 'company.pem');
    writeFileSync(file, certificate);
    const env = { HTTPS_PROXY: proxy.url.replace('http://', ''), AWS_CA_BUNDLE: file };
    expect(await run(['init', broker.origin], env)).toMatchObject({ code: 0 });
  });
});

describe('the CA', () => {
  const init = (caBundle: string, ...options: string[]) =>
    run([...options, 'init', broker.origin], { HTTPS_PROXY: proxy.url, ROLEGATE_CA_BUNDLE: caBundle });
  const write = (name: string, content: string | Buffer) => {
    const file = join(machine.home, name);
    writeFileSync(file, content);
    return file;
  };
  const der = () => Buffer.from(certificate.replace(/-----.*?-----|\s/g, ''), 'base64');
  const brokenOne = '-----BEGIN CERTIFICATE-----\nTm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';

  test('folder is read, DER and UTF-16 as well', async () => {
    mkdirSync(join(machine.home, 'certs'));
    write('certs/readme.txt', 'nothing');
    write('certs/company.crt', certificate);
    expect(await init(join(machine.home, 'certs'))).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('cannot'),
    });
    expect(await init(write('company.der', der()))).toMatchObject({ code: 0 });
    expect(await init(write('company.txt', Buffer.from(`\ufeff${certificate}`, 'utf16le')))).toMatchObject({ code: 0 });
  });

  test('of `init` is remembered, and trusted from then on', async () => {
    const file = write('company.pem', certificate);
    const env = { HTTPS_PROXY: proxy.url };
    expect(await run(['init', broker.origin], env)).toMatchObject({ code: 5 });
    const host = new URL(broker.origin).host;
    expect(await run(['--ca-bundle', file, 'init', host], env)).toMatchObject({ code: 0 });
    expect(await run(['init', host], env)).toMatchObject({ code: 0 });
    expect((await run(['doctor'], env)).stdout).toMatch(/ca: 1 more from the settings/);
  });

  test('store of the system counts where Node reads it, and a message says what to do where it does not', async () => {
    const has = execFileSync(inject('node'), ['-p', 'typeof require("tls").getCACertificates'], { encoding: 'utf8' });
    // OpenSSL's own variables move the store of a Linux system.
    const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: write('system.pem', certificate), SSL_CERT_DIR: machine.home };
    const { code, stderr } = await run(['init', broker.origin], env);
    if (has.trim() === 'function') expect([code, stderr]).toEqual([0, expect.not.stringContaining('not trusted')]);
    else expect([code, stderr]).toEqual([5, expect.stringMatching(/is not trusted here: .* with --ca-bundle/)]);
    expect(await run(['init', broker.origin], { HTTPS_PROXY: proxy.url })).toMatchObject({ code: 5 });
  });

  test('file with a broken certificate in front counts, and the broken one is named', async () => {
    const file = write('company.pem', brokenOne + certificate);
    const { code, stderr } = await init(file);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`certificate 1 in ${file}`)]);
  });

  test('files of all variables count; those for other programs end no command', async () => {
    const [company, empty] = [write('company.pem', certificate), write('empty.pem', '')];
    const other = write('other.pem', keyPair('tls-ca').cert);
    const env = { HTTPS_PROXY: proxy.url, ROLEGATE_CA_BUNDLE: other };
    expect(await run(['init', broker.origin], env)).toMatchObject({ code: 5 });
    for (const name of ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']) {
      expect(await run(['init', broker.origin], { ...env, [name]: company })).toMatchObject({ code: 0 });
    }
    const more = { ...env, ROLEGATE_CA_BUNDLE: company, AWS_CA_BUNDLE: empty };
    expect(await run(['init', broker.origin], more)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`the CA file ${empty} of AWS_CA_BUNDLE has no certificate`),
    });
  });

  test('file without any certificate is refused, by doctor as well', async () => {
    for (const content of ['', 'no certificate', brokenOne]) {
      const file = write('company.pem', content);
      const expected = `the CA file ${file} of ROLEGATE_CA_BUNDLE has no certificate`;
      expect(await init(file)).toMatchObject({ code: 2, stderr: expect.stringContaining(expected) });
      const doctor = await run(['doctor', '--broker', broker.origin], { ROLEGATE_CA_BUNDLE: file });
      expect(doctor.stdout).toContain(`FAILED   ca: ${expected}`);
    }
  });
});
