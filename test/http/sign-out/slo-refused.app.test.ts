import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { redirectedQuery, sigAlgs } from '../../saml/support/logout-builder.ts';
import { partOf, replaceValue, without } from '../../saml/support/redirected.ts';
import { at, toBase64 } from '../../saml/support/response-builder.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { type TestApp, useApp } from '../support/app.ts';
import { isAlive, post, redirect, requestFor, responseFor, signedIn, sloUrl } from '../support/slo.ts';

const createApp = useApp();

interface Refused {
  readonly name: string;
  readonly reason: string;
  readonly idp?: string;
  readonly query: (app: TestApp, stranger: KeyPair) => string;
}

const good = (app: TestApp, options = {}) => redirectedQuery(app.idpKey, requestFor(app), options);
const refused: readonly Refused[] = [
  { name: 'nothing', reason: 'malformed', query: () => '' },
  { name: 'no signature', reason: 'signature', query: (app) => without(without(good(app), 'Signature'), 'SigAlg') },
  { name: 'an empty signature', reason: 'signature', query: (app) => replaceValue(good(app), 'Signature', '') },
  { name: 'rsa-sha1', reason: 'algorithm', query: (app) => good(app, { sigAlg: sigAlgs.sha1, hash: 'sha1' }) },
  { name: 'rsa-md5', reason: 'algorithm', query: (app) => good(app, { sigAlg: sigAlgs.md5, hash: 'md5' }) },
  { name: 'junk before #RSA-SHA256', reason: 'algorithm', query: (app) => good(app, { sigAlg: 'junk#RSA-SHA256' }) },
  {
    name: 'a percent-encoded name',
    reason: 'malformed',
    query: (app, stranger) => {
      const forged = partOf(redirectedQuery(stranger, requestFor(app)), 'SAMLRequest');
      return `SAMLReque%73t=${forged.slice(12)}&${redirectedQuery(app.idpKey, responseFor(app))}`;
    },
  },
  {
    name: 'a parameter twice',
    reason: 'malformed',
    query: (app, stranger) => `${partOf(redirectedQuery(stranger, requestFor(app)), 'SAMLRequest')}&${good(app)}`,
  },
  {
    name: 'another key',
    reason: 'signature',
    idp: 'adfs',
    query: (app, stranger) => redirectedQuery(stranger, requestFor(app)),
  },
  {
    name: 'the signature of another message',
    reason: 'signature',
    idp: 'adfs',
    query: (app, stranger) => {
      const donor = partOf(redirectedQuery(app.idpKey, responseFor(app)), 'Signature').slice(10);
      return replaceValue(redirectedQuery(stranger, requestFor(app)), 'Signature', donor);
    },
  },
  {
    name: 'an unknown Issuer',
    reason: 'issuer',
    query: (app) => redirectedQuery(app.idpKey, requestFor(app, { issuer: '' })),
  },
  {
    name: 'another Destination',
    reason: 'destination',
    idp: 'adfs',
    query: (app) => redirectedQuery(app.idpKey, requestFor(app, { message: { Destination: `${sloUrl}x` } })),
  },
  {
    name: 'its time past',
    reason: 'expired',
    idp: 'adfs',
    query: (app) => redirectedQuery(app.idpKey, requestFor(app, { message: { NotOnOrAfter: at(-181) } })),
  },
  {
    name: 'an old IssueInstant',
    reason: 'expired',
    idp: 'adfs',
    query: (app) => redirectedQuery(app.idpKey, requestFor(app, { message: { IssueInstant: at(-781) } })),
  },
  {
    name: 'no NameID',
    reason: 'subject',
    idp: 'adfs',
    query: (app) => redirectedQuery(app.idpKey, requestFor(app, { nameId: '' })),
  },
  { name: 'bad base64', reason: 'malformed', query: (app) => replaceValue(good(app), 'SAMLRequest', 'a*b=') },
  {
    name: 'a deflate bomb',
    reason: 'too_large',
    query: (app) => good(app, { deflated: deflateRawSync(Buffer.alloc(8_000_000), { level: 9 }) }),
  },
];

/** Refused with one generic page and one record, and alice's session has not noticed. */
async function expectRefused(
  app: TestApp,
  send: () => ReturnType<typeof post>,
  record: { reason: string; idp?: string | undefined },
) {
  const session = await signedIn(app, 'alice', '_one');
  const before = app.audit.lines().length;
  const answer = await send();
  expect(answer.status).toBe(403);
  expect(answer.text).toContain('The sign-out message was not accepted');
  const facts = { event: 'logout_refused', code: 'logout_refused', requestId: answer.get('X-Request-Id') };
  const lines = app.audit.lines().slice(before);
  expect(lines).toMatchObject([{ ...facts, reason: record.reason }]);
  expect(lines[0]?.['idp']).toBe(record.idp);
  expect(await isAlive(session)).toBe(true);
  expect((await redirect(app, app.browser(), requestFor(app))).status).toBe(303);
  expect(await isAlive(session)).toBe(false);
}

describe('nothing happens for a LogoutRequest with', () => {
  for (const { name, reason, idp, query } of refused) {
    test(name, async () => {
      const [app, stranger] = [await createApp(), keyPair('stranger')];
      await expectRefused(app, () => app.browser().get(`/saml/slo?${query(app, stranger)}`, { Accept: 'text/html' }), {
        reason,
        idp,
      });
    });
  }

  test.each([
    ['no signature in the form', 'signature', 'adfs', (xml: string) => ({ SAMLRequest: toBase64(xml) })],
    ['an empty form', 'malformed', undefined, () => ({})],
    ['a form that is too large', 'too_large', undefined, () => ({ SAMLRequest: 'A'.repeat(140_000) })],
    ['a message that is too large', 'too_large', undefined, () => ({ SAMLRequest: 'A'.repeat(88_000) })],
  ] as const)('%s', async (_, reason, idp, fields) => {
    const app = await createApp();
    await expectRefused(app, () => post(app.browser(), fields(requestFor(app))), { reason, idp });
  });
});
