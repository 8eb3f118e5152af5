// A broker under an international name: browsers send IDNA's form (RFC 5891), some proxies the name as people write it, in UTF-8.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { encode, useApp } from '../http/support/app.ts';

const createApp = useApp();
const ascii = 'zugang.xn--bcher-kva.example';
const baseUrl = `http://${ascii}`;
/** As Node reads what a proxy sent in UTF-8. */
const asSent = (name: string) => Buffer.from(name).toString('latin1');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start() {
  const app = await createApp((raw) => ({ ...raw, baseUrl: 'http://Zugang.Bücher.example' }));
  const server = createServer(app.broker.app).listen(0, '127.0.0.1');
  cleanups.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Octet by octet: Node's client writes headers in UTF-8.
  const ask = async (method: string, path: string, headers: Record<string, string>, body = '') => {
    const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
    const socket = connect(port, '127.0.0.1');
    socket.write(Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`, 'latin1'));
    const answer = await text(socket);
    const values = (name: string) =>
      [...answer.matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map(([, value]) => value!);
    return { status: Number(answer.split(' ')[1]), values, text: answer };
  };
  return { ...app, ask };
}

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['ask']>>;
const cookiesOf = (...answers: Answer[]) =>
  answers.flatMap(({ values }) => values('set-cookie')).map((line) => line.split(';')[0]);

describe('baseUrl with an international name', () => {
  test('becomes the form that browsers send', async () => {
    const { config } = await start();
    expect([config.baseUrl, config.acsUrl]).toEqual([baseUrl, `${baseUrl}/saml/acs`]);
  });

  test.each([
    ascii,
    ascii.toUpperCase(),
    `${ascii}:80`,
    asSent('Zugang.Bücher.example'),
    asSent('zugang.bücher.example:80'),
    asSent('ZUGANG.BÜCHER.EXAMPLE'),
    asSent('zugang.bücher.example'.normalize('NFD')),
  ])('takes the Host %j, and signs in under it', async (host) => {
    const { ask, adfs, config } = await start();
    const { entityId } = config.serviceProvider;
    adfs.setRelyingParties([{ entityId, acsUrl: config.acsUrl }]);
    const login = await ask('GET', '/login', { host });
    expect(login.status).toBe(303);
    const query = new URL(login.values('location')[0]!).searchParams;
    const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest')!, 'base64')).toString();
    expect(xml).toContain(`AssertionConsumerServiceURL="${baseUrl}/saml/acs"`);
    const inResponseTo = / ID="([^"]+)"/.exec(xml)![1]!;
    const SAMLResponse = adfs.issueResponse({ username: 'alice', relyingParty: entityId, inResponseTo });
    const body = encode({ SAMLResponse, RelayState: query.get('RelayState')! });
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': `${body.length}` };
    const cookie = cookiesOf(login).join('; ');
    const opened = await ask('POST', '/saml/acs', { host, ...form, cookie }, body);
    expect(opened.status).toBe(303);
    const portal = await ask('GET', '/', { host, cookie: cookiesOf(login, opened).join('; ') });
    expect([portal.status, portal.text.includes('Your accounts')]).toEqual([200, true]);
  });

  test.each([
    'zugang.bucher.example',
    asSent('zugang.büchér.example'),
    asSent('zugang.bücher.example:8080'),
    asSent('zugang.bücher.example.evil.example'),
    'zugang.b\xfccher.example',
    `${ascii}.`,
  ])('refuses the Host %j', async (host) => {
    expect((await (await start()).ask('GET', '/login', { host })).status).toBe(421);
  });
});
