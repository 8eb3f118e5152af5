// Unsolicited Responses: one identity provider may send them, and they do not bypass the rules of the others.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirmation, type ResponseParts } from '../saml/support/response-builder.ts';
import { answerXml, beginLogin, formFor, type Login } from './support/login.ts';
import { expectIdentity, expectRefused, expectSignedIn } from './support/oracle.ts';
import { type IdpId, startTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.close());

const nobodyAsked: Partial<ResponseParts> = {
  response: { InResponseTo: undefined },
  confirmations: confirmation({ InResponseTo: undefined }),
};
const visit = (idp: IdpId, relayState = ''): Login => ({ idp, requestId: '_none', relayState, cookies: new Map() });
const unsolicited = (login: Login, parts = nobodyAsked) => answerXml(target, login, 'both', parts);

describe('an unsolicited response', () => {
  test('signs in where it is allowed, once', async () => {
    const login = visit('portal');
    const xml = unsolicited(login);
    await expectSignedIn(target, login, xml);
    await expectRefused(target, new Map(), formFor(login, xml), { reason: 'replay' });
  });

  test('leads where the list says, and nowhere else', async () => {
    const open = [
      'https://evil.example.com/',
      '//evil.example.com',
      '/\\evil.example.com',
      '/console',
      'javascript:alert(1)',
    ];
    for (const relayState of [...open, '/signed-out']) {
      const login = visit('portal', relayState);
      const answer = await target.wire.post('/saml/acs', formFor(login, unsolicited(login)), login.cookies);
      expect([answer.status, answer.location]).toEqual([303, relayState === '/signed-out' ? relayState : '/']);
      await expectIdentity(target, login.cookies);
    }
  });

  test('posted twenty times at once signs in once', async () => {
    const login = visit('portal');
    const form = formFor(login, unsolicited(login));
    const posts = Array.from({ length: 20 }, () => target.wire.post('/saml/acs', form, new Map()));
    const statuses = (await Promise.all(posts)).map(({ status }) => status).sort();
    expect(statuses).toEqual([303, ...Array.from({ length: 19 }, () => 403)]);
  });

  test('signs in once, in whichever Response the signed assertion is put', async () => {
    const login = visit('portal');
    const xml = answerXml(target, login, 'assertion', nobodyAsked);
    await expectSignedIn(target, login, xml);
    const rewrapped = xml.replace(/(<samlp:Response [^>]*ID=")[^"]*/, '$1_fresh');
    expect(rewrapped).not.toBe(xml);
    await expectRefused(target, new Map(), formFor(login, rewrapped), { reason: 'replay' });
  });

  test('does not touch a login that is pending in the same browser', async () => {
    const pending = await beginLogin(target, 'adfs');
    const login = { ...visit('portal'), cookies: pending.cookies };
    await expectSignedIn(target, login, unsolicited(login));
    await expectSignedIn(target, pending, answerXml(target, pending, 'assertion'));
  });

  for (const idp of ['adfs', 'message', 'strict'] as const) {
    test(`of ${idp}, which may not send any, is refused`, async () => {
      const login = visit(idp);
      await expectRefused(target, new Map(), formFor(login, unsolicited(login)), { reason: 'correlation' });
    });
  }

  const rows: readonly (readonly [
    string,
    Partial<ResponseParts>,
    'correlation' | 'recipient' | 'issuer' | 'audience',
  ])[] = [
    ['that answers somebody', { confirmations: confirmation({ InResponseTo: undefined }) }, 'correlation'],
    ['whose confirmation answers somebody', { response: { InResponseTo: undefined } }, 'correlation'],
    ['that is an answer throughout', {}, 'correlation'],
    [
      'for another Recipient',
      { ...nobodyAsked, confirmations: confirmation({ InResponseTo: undefined, Recipient: 'urn:x' }) },
      'recipient',
    ],
    ['without Conditions', { ...nobodyAsked, conditions: '' }, 'audience'],
    [
      'whose assertion names another issuer',
      { ...nobodyAsked, issuer: '<Issuer>https://evil.example.com/</Issuer>' },
      'issuer',
    ],
    [
      'from an unknown issuer',
      { ...nobodyAsked, responseIssuer: '', issuer: '<Issuer>https://evil.example.com/</Issuer>' },
      'correlation',
    ],
  ];
  for (const [name, parts, reason] of rows) {
    test(`${name} is refused`, async () => {
      const login = visit('portal');
      await expectRefused(target, new Map(), formFor(login, unsolicited(login, parts)), { reason });
      await expectSignedIn(target, login, unsolicited(login));
    });
  }

  test('in the name of the one that may, by the key of one that may not, is refused', async () => {
    const login = visit('portal');
    const keys = { ...target.keys, portal: target.keys.adfs };
    const xml = answerXml({ ...target, keys }, login, 'both', nobodyAsked);
    await expectRefused(target, new Map(), formFor(login, xml), { reason: 'signature' });
  });
});
