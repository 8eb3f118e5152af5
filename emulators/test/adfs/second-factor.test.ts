// Walks through sign-ins that need a one-time code.
import { describe, expect, test } from 'vitest';
import { claimTypes } from '../../adfs/names.ts';
import { aliceCredentials, claimValues, find, readPosted } from './fixture.ts';
import { authnInstant, isLoginForm, useWalk } from './walk.ts';

const walk = useWalk();
const { start, request, signInAs } = walk;

describe('a second factor', () => {
  const wanting = (name: string) => ({
    content: `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
  });
  const microsoft = 'http://schemas.microsoft.com/claims/multipleauthn';
  const code = { VerificationCode: '123456' };

  for (const name of [microsoft, 'https://refeds.org/profile/mfa']) {
    test(`is asked for after the password when ${name} is requested`, async () => {
      const browser = await start();
      const codeForm = await signInAs(browser, aliceCredentials, wanting(name));
      expect(codeForm.forms[0]?.fields.map(([field]) => field)).toContain('VerificationCode');
      expect(codeForm.body).toContain('123456');
      const posted = readPosted(await browser.submit(codeForm, 0, code));
      expect(find(posted.root, 'AuthnContextClassRef')?.text).toBe(name);
      expect(claimValues(posted.root, claimTypes.authnMethodsReferences)).toEqual(
        expect.arrayContaining(['urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport', microsoft]),
      );
      expect(isLoginForm(await request(browser, wanting(name)))).toBe(false);
    });
  }

  test('lifts a session that had only the password, whose time stays', async () => {
    const browser = await start();
    const first = readPosted(await signInAs(browser));
    walk.clock.advance(60_000);
    const posted = readPosted(await browser.submit(await request(browser, wanting(microsoft)), 0, code));
    expect(authnInstant(posted)).toBe(authnInstant(first));
    expect(readPosted(await request(browser, wanting(microsoft))).statusCodes).toEqual(['Success']);
  });

  test('is not passed with another code, without the password, or after five minutes', async () => {
    const browser = await start({ oneTimeCode: '654321' });
    const form = await signInAs(browser, aliceCredentials, wanting(microsoft));
    const again = await browser.submit(form, 0, code);
    expect(again.body).toContain('This code is not right');
    const forged = await browser.submit(again, 0, { VerificationCode: '654321', Context: 'forged' });
    expect(isLoginForm(forged)).toBe(true);
    walk.clock.advance(300_000);
    expect(isLoginForm(await browser.submit(again, 0, { VerificationCode: '654321' }))).toBe(true);
    const fresh = await signInAs(browser, aliceCredentials, wanting(microsoft));
    expect(readPosted(await browser.submit(fresh, 0, { VerificationCode: '654321' })).statusCodes).toEqual(['Success']);
  });

  test('cannot be got around by an IsPassive request on a password session', async () => {
    const browser = await start();
    await signInAs(browser);
    const page = await request(browser, { ...wanting(microsoft), attributes: 'IsPassive="true"' });
    expect(readPosted(page).statusCodes).toEqual(['Responder', 'NoPassive']);
  });
});
