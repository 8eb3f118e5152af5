// What a stranger can make the broker do before it checks a signature: work that grows linearly with the size of the
// post at most, while health checks still get their answer.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cpuMilliseconds } from '../../support/cpu-time.ts';
import { answerXml, beginLogin, formFor, type Login } from '../support/login.ts';
import { expectRefused, expectSignedIn } from '../support/oracle.ts';
import { startTarget, type Target } from '../support/target.ts';

let target: Target;
let login: Login;
let good: string;
beforeAll(async () => {
  target = await startTarget();
  login = await beginLogin(target, 'adfs');
  good = answerXml(target, login, 'assertion');
});
afterAll(() => target?.close());

const limit = 256 * 1024;
const filled = (unit: string, bytes: number, around = '') =>
  unit.repeat(Math.floor((bytes - around.length) / unit.length));

/** The good message with this in an AttributeValue: the Signature is there and does not fit, so everything is read. */
const inside = (content: string) =>
  good.replace('</AttributeValue>', `</AttributeValue><AttributeValue>${content}</AttributeValue>`);
const around = (unit: string) => (bytes: number) => inside(filled(unit, bytes, good));
const numbered = (make: (i: number) => string, bytes: number) => {
  const parts: string[] = [];
  for (let length = good.length + 50; length < bytes - 40; length += parts.at(-1)!.length)
    parts.push(make(parts.length));
  return parts;
};
const wide = (count: number) => `<x xmlns="urn:x">${'<a/>'.repeat(count)}</x>`;
const levels = Array.from({ length: 20 }, (_, level) =>
  Array.from({ length: 14 }, (_, i) => `xmlns:p${level}-${i}="urn:${level}-${i}" p${level}-${i}:a=""`).join(' '),
);
const deepAndWide = (count: number) =>
  `${levels.map((declarations) => `<x ${declarations}>`).join('')}${'<b xmlns="urn:b"/>'.repeat(count)}${'</x>'.repeat(20)}`;
const prefixes = Array.from({ length: 16 }, (_, i) => `p${i}`).join(' ');
const withPrefixList = (xml: string) =>
  xml.replace(
    /(<ds:Transform Algorithm="[^"]*exc-c14n#")\/>/,
    `$1><c:InclusiveNamespaces xmlns:c="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${prefixes}"/></ds:Transform>`,
  );
const inSignedInfo = (content: string) => good.replace('</ds:SignedInfo>', `${content}</ds:SignedInfo>`);

/** Each makes a message of about this many bytes; those that count elements stay below the limits at the full size. */
const shapes: readonly (readonly [string, (bytes: number) => string])[] = [
  ['open tags that never end', (bytes) => filled('<a ', bytes)],
  ['angle brackets', (bytes) => filled('<', bytes)],
  ['closing brackets', (bytes) => filled('>', bytes)],
  ['end tags', (bytes) => filled('</a>', bytes)],
  ['bytes that are nothing', (bytes) => filled('\u0001', bytes)],
  ['white space', (bytes) => filled(' \n', bytes)],
  ['one name', (bytes) => `<${filled('a', bytes)}`],
  ['one long prefix', (bytes) => `<${filled('a', bytes)}:b/>`],
  ['elements in elements', (bytes) => filled('<a>', bytes)],
  ['unbound prefixes in each other', (bytes) => filled('<a:b>', bytes)],
  ['comments', (bytes) => around('<!---->')(bytes)],
  ['comments that never end', (bytes) => filled('<!--', bytes)],
  ['processing instructions', (bytes) => around('<?a?>')(bytes)],
  ['a DOCTYPE that never ends', (bytes) => `<!DOCTYPE x [${filled('<!ENTITY a "b">', bytes)}`],
  ['CDATA sections', (bytes) => around('<![CDATA[]]>')(bytes)],
  ['ampersands', (bytes) => around('&')(bytes)],
  ['references', (bytes) => around('&amp;')(bytes)],
  ['numeric references', (bytes) => around('&#65;')(bytes)],
  ['text', (bytes) => around('x')(bytes)],
  ['one attribute value', (bytes) => inside(`<a b="${filled('&lt;', bytes, good)}" xmlns="urn:x"/>`)],
  [
    'attributes on one element',
    (bytes) => inside(`<a xmlns="urn:x" ${numbered((i) => ` a${i}=""`, bytes).join('')}/>`),
  ],
  ['prefixes on one element', (bytes) => inside(`<a ${numbered((i) => ` xmlns:p${i}="urn:x"`, bytes).join('')}/>`)],
  ['elements with IDs', (bytes) => inside(numbered((i) => `<a ID="i${i}" xmlns="urn:x"/>`, bytes).join(''))],
  ['siblings', (bytes) => around('<a xmlns="urn:x"/>')(bytes)],
  ['siblings with text between', (bytes) => around('t<a xmlns="urn:x"/>')(bytes)],
  ['values', (bytes) => around('</AttributeValue><AttributeValue>x')(bytes)],
  ['elements up to the limit', (bytes) => inside(wide(bytes === limit ? 4000 : 1000).repeat(2))],
  ['namespaces by depth and elements by width', (bytes) => inside(deepAndWide(bytes === limit ? 4000 : 1000))],
  [
    'sixteen prefixes looked for at every element',
    (bytes) => withPrefixList(inside(wide(bytes === limit ? 4000 : 1000))),
  ],
  ['elements in SignedInfo, under a digest that fits', (bytes) => inSignedInfo(wide(bytes === limit ? 4000 : 1000))],
  ['a DigestValue', (bytes) => good.replace('</ds:DigestValue>', `${filled('A', bytes, good)}</ds:DigestValue>`)],
  [
    'a SignatureValue',
    (bytes) => good.replace('</ds:SignatureValue>', `${filled('A', bytes, good)}</ds:SignatureValue>`),
  ],
  [
    'certificates',
    (bytes) =>
      good.replace(
        '</ds:X509Data>',
        `${filled('<ds:X509Certificate>AAAA</ds:X509Certificate>', bytes, good)}</ds:X509Data>`,
      ),
  ],
  ['algorithm names', (bytes) => good.replace(/(<ds:SignatureMethod Algorithm=")/, `$1${filled('x', bytes, good)}`)],
];

/** Posts that are not valid base64, or not a valid form. */
const forms: readonly (readonly [string, (bytes: number) => string])[] = [
  ['base64 that is none', (bytes) => `SAMLResponse=${filled('!', bytes)}`],
  ['base64 in pieces', (bytes) => `SAMLResponse=${filled('PHg%2B%20%0A', bytes)}`],
  ['percent signs', (bytes) => `SAMLResponse=${filled('%', bytes)}`],
  ['fields', (bytes) => filled('a=b&', bytes)],
  ['brackets', (bytes) => `SAMLResponse${filled('[a]', bytes)}=x`],
  ['a RelayState', (bytes) => `SAMLResponse=PHgvPg%3D%3D&RelayState=${filled('a', bytes)}`],
];

const rounds = 3;

type MakeForm = (bytes: number, to: Login) => string;

/** A form with this message for another login: few refused answers use one up, and what follows is not even read. */
const answering = (to: Login, xml: string) => formFor(to, xml.replaceAll(login.requestId, to.requestId));

async function workOf(make: MakeForm, bytes: number): Promise<number> {
  const to = await beginLogin(target, 'adfs');
  const form = make(bytes, to);
  const startedAt = cpuMilliseconds();
  const answer = await target.wire.post('/saml/acs', form, new Map(to.cookies));
  const spent = cpuMilliseconds() - startedAt;
  expect(answer.status, 'nobody is signed in').toBeGreaterThanOrEqual(400);
  return spent;
}

/** The least of several, of each; a post of nothing is taken off, since what it costs is not the message's. */
async function growth(make: MakeForm): Promise<number> {
  const best = { nothing: Number.POSITIVE_INFINITY, small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    best.nothing = Math.min(best.nothing, await workOf(() => '', 0));
    best.small = Math.min(best.small, await workOf(make, limit / 4));
    best.large = Math.min(best.large, await workOf(make, limit));
  }
  const floor = 2;
  return Math.max(best.large - best.nothing, floor) / Math.max(best.small - best.nothing, floor);
}

describe('four times the size is not sixteen times the work', () => {
  const messages = shapes.map(
    ([name, make]) => [name, (bytes: number, to: Login) => answering(to, make(bytes)).toString()] as const,
  );
  for (const [name, make] of [...messages, ...forms]) {
    test(name, { timeout: 60_000 }, async () => {
      expect(await growth(make)).toBeLessThan(10);
    });
  }
});

describe('all of them at once', () => {
  test('are refused like everything else', async () => {
    for (const [, make] of shapes) {
      const to = await beginLogin(target, 'adfs');
      await expectRefused(target, new Map(to.cookies), answering(to, make(limit)), {
        reason: ['malformed', 'too_large', 'signature', 'algorithm'],
      });
    }
  });

  test('leave the health probe its answers, and the pending login its answer', { timeout: 60_000 }, async () => {
    const idle = await slowestProbe(() => sleep(500));
    const slowest: number[] = [];
    for (let round = 0; round < 3; round++) {
      slowest.push(
        await slowestProbe(async () => {
          for (const [, make] of shapes) {
            const to = await beginLogin(target, 'adfs');
            await target.wire.post('/saml/acs', answering(to, make(limit)), new Map(to.cookies));
          }
        }),
      );
    }
    // One post is worked off in one go: a probe waits for one of them, never for all.
    expect(Math.min(...slowest) / Math.max(idle, 10)).toBeLessThan(40);
    await expectSignedIn(target, login, good);
  });
});

/** The most that this process worked before it answered a probe of the operations listener, while this went on. */
async function slowestProbe(meanwhile: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  const work = meanwhile().finally(() => {
    isOver = true;
  });
  let slowest = 0;
  while (!isOver) {
    const startedAt = cpuMilliseconds();
    expect(await probe()).toBe(200);
    slowest = Math.max(slowest, cpuMilliseconds() - startedAt);
    await sleep(5);
  }
  await work;
  return slowest;
}

function probe(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${target.operationsUrl}/livez`, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    sent.once('error', reject).end();
  });
}
