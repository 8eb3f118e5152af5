// Subject `flood`: what the worst mix of requests without a session, from one address, does to the sign-ins of others.
import { deflateRawSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { readCpu, spentMs } from '../lib/cpu.ts';
import { hostileShapes } from '../lib/hostile-shapes.ts';
import { cookiesOf, postForm, type Reply, request } from '../lib/http.ts';
import { sleep } from '../lib/processes.ts';
import { number, times } from '../lib/report.ts';
import { type Rolegate, startRolegate } from '../lib/rolegate.ts';
import { measureSignIns, readRedirect } from '../lib/sign-in-server.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

/** 2,000 browsers in a minute. */
const signInsPerSecond = 33;
const floodPerSecond = 100;
const warmUpPosts = 300;
/** A sign-in costs the same after a minute; a longer flood is compared with this. */
const mostQuietSeconds = 60;
const maxInFlight = 40;
const groups = 200;

export const flood: Subject = { name: 'flood', title: 'A flood from one address', run };

async function run(bench: Bench): Promise<Section> {
  const listen = (port: number) => ({ host: '127.0.0.1', port, trustProxy: ['127.0.0.1'] });
  const rolegate = await startRolegate(bench, { listen, config: { limits: {} } });
  const redis = new Redis(bench.redisUrl);
  try {
    await measureSignIns(rolegate, bench.idp, groups, warmUpPosts);
    const quietSeconds = Math.min(bench.seconds, mostQuietSeconds);
    bench.say(`  ${quietSeconds} s without a flood`);
    const quiet = await measure(bench, rolegate, redis, { seconds: quietSeconds, mix: [] });
    bench.say(`  ${bench.seconds} s with it`);
    const mix = await worstMix(bench, rolegate);
    const loud = await measure(bench, rolegate, redis, { seconds: bench.seconds, mix });
    const megabytes = (loud.bytes - (quiet.bytes / quiet.signIns) * loud.signIns) / 1e6;
    const rows = [
      ['CPU for one sign-in, ms', number(quiet.ms), number(loud.ms)],
      ['growth of the store, MB', number(quiet.bytes / 1e6), number(loud.bytes / 1e6)],
      ['sign-ins', String(quiet.signIns), String(loud.signIns)],
      ...[...loud.statuses].sort().map(([name, count]) => [`flood: ${name}`, '–', String(count)]),
    ];
    const head = [
      `${signInsPerSecond} sign-ins a second`,
      `alone, ${quietSeconds} s`,
      `with ${floodPerSecond} requests a second, ${bench.seconds} s`,
    ];
    return {
      tables: [{ head, rows }],
      figures: [
        { name: 'CPU for one sign-in: with a flood ÷ alone', value: loud.ms / quiet.ms, limit: 1.5 },
        { name: 'growth of the store by a flood', value: megabytes, limit: 20, unit: ' MB' },
      ],
      notes: [`The flood multiplies the CPU for one sign-in by ${times(loud.ms / quiet.ms)}.`],
    };
  } finally {
    redis.disconnect();
    await rolegate.close();
  }
}

type Act = () => Promise<Reply>;

/** All of the server's CPU by sign-in, while the flood goes on. */
async function measure(
  bench: Bench,
  rolegate: Rolegate,
  redis: Redis,
  { seconds, mix }: { readonly seconds: number; readonly mix: readonly Act[] },
) {
  const statuses = new Map<string, number>();
  const count = (reply: Reply) => {
    const name = `answered ${reply.status}`;
    statuses.set(name, (statuses.get(name) ?? 0) + 1);
  };
  const [memory, before] = [await usedMemory(redis), readCpu(rolegate.pids)];
  const [signIns] = await Promise.all([
    atRate(seconds, signInsPerSecond, () => signInOnce(bench, rolegate)),
    mix.length > 0 && atRate(seconds, floodPerSecond, async (index) => count(await mix[index % mix.length]!())),
  ]);
  const ms = spentMs(before, readCpu(rolegate.pids)) / signIns;
  return { ms, signIns, statuses, bytes: (await usedMemory(redis)) - memory };
}

/** @returns how often; what would pile up is left out */
async function atRate(seconds: number, perSecond: number, act: (index: number) => Promise<void>): Promise<number> {
  const [startedAt, running] = [performance.now(), new Set<Promise<void>>()];
  let index = 0;
  for (let turn = 0; turn < seconds * perSecond; turn++) {
    await sleep(Math.max(0, startedAt + (turn * 1000) / perSecond - performance.now()));
    if (running.size >= maxInFlight) continue;
    const task = act(index++).finally(() => running.delete(task));
    running.add(task);
  }
  await Promise.all(running);
  return index;
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

const visitor = { 'x-forwarded-for': '192.0.2.1' };
const attacker = { 'x-forwarded-for': '198.51.100.7' };

/** To the portal's page. */
async function signInOnce({ idp }: Bench, { url, acsUrl, spEntityId }: Rolegate): Promise<void> {
  const login = await request(`${url}/login`, { headers: visitor });
  const { inResponseTo, relayState = '' } = readRedirect(login);
  const response = idp.respond({ acsUrl, spEntityId, inResponseTo, groups });
  const reply = await postForm(acsUrl, { SAMLResponse: response, RelayState: relayState }, cookiesOf(login), {
    headers: visitor,
  });
  if (reply.status !== 303) throw new Error(`a sign-in was answered with ${reply.status}`);
  const page = await request(`${url}/`, { headers: { ...visitor, cookie: cookiesOf(reply) } });
  if (page.status !== 200) throw new Error(`the portal answered ${page.status}`);
}

/** Requests that cost CPU, store or both; none needs an account. */
async function worstMix(bench: Bench, rolegate: Rolegate): Promise<Act[]> {
  const { url } = rolegate;
  const get =
    (path: string, headers = {}) =>
    () =>
      request(url + path, { headers: { ...attacker, ...headers } });
  const xml = `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${'<a/>'.repeat(15_000)}</samlp:LogoutRequest>`;
  const deflated = encodeURIComponent(deflateRawSync(xml).toString('base64'));
  const pushed = {
    ...{
      client_id: 'rolegate-cli',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:4711/callback',
      scope: 'aws',
    },
    ...{ state: 'x'.repeat(128), code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
    ...{ device_host: 'h'.repeat(80), device_os: 'o'.repeat(80), device_user: 'u'.repeat(80) },
  };
  return [
    ...(await Promise.all(
      hostileShapes.flatMap((shape) => [16, 128].map((kb) => hostilePost(bench, rolegate, shape.edit, kb))),
    )),
    get('/login'),
    get(`/login?return_to=${encodeURIComponent(`/${'a1%'.repeat(600)}`)}`),
    get('/login?return_to=/console?destination=1234567890'),
    get(
      `/saml/slo?SAMLRequest=${deflated}&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA`,
    ),
    get('/nothing/here'),
    get('/api/v1/me', { authorization: `Bearer ${'x'.repeat(43)}` }),
    get('/', { cookie: `rolegate=s%3A${'x'.repeat(43)}.${'y'.repeat(43)}` }),
    () => postForm(`${url}/oauth/par`, pushed, '', { headers: attacker }),
    () =>
      postForm(
        `${url}/oauth/token`,
        { client_id: 'rolegate-cli', grant_type: 'refresh_token', refresh_token: 'x' },
        '',
        { headers: attacker },
      ),
  ];
}

/** With a pending login, so that everything is read. */
async function hostilePost(
  { idp }: Bench,
  { url, acsUrl, spEntityId }: Rolegate,
  edit: (xml: string, bytes: number) => string,
  kilobytes: number,
): Promise<Act> {
  const login = await request(`${url}/login`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  const { inResponseTo, relayState = '' } = readRedirect(login);
  const bytes = kilobytes * 1024 - 200;
  const response = idp.respond({ acsUrl, spEntityId, inResponseTo, groups: 10, edit: (xml) => edit(xml, bytes) });
  const fields = { SAMLResponse: response, RelayState: relayState };
  return () => postForm(acsUrl, fields, cookiesOf(login), { headers: attacker });
}
