// Sign-on that begins at the identity provider, without a request.
import { describe, expect, test } from 'vitest';
import { aliceCredentials, party, readPosted } from './fixture.ts';
import { useWalk } from './walk.ts';

const walk = useWalk();
const { start } = walk;

describe('IdP-initiated sign-on', () => {
  const page = '/adfs/ls/idpinitiatedsignon.aspx';

  test('lists the parties, and answers for the chosen one without InResponseTo', async () => {
    const browser = await start();
    const list = await browser.get(`${walk.idp.url}${page}`);
    expect(list.body).toContain('You are not signed in.');
    const href = /href="(\/adfs\/ls\/idpinitiated[^"]+)"/.exec(list.body)?.[1] ?? '';
    const posted = readPosted(await browser.submit(await browser.follow(list, href), 0, aliceCredentials));
    expect(posted).toMatchObject({ action: party.acsUrl, relayState: undefined, statusCodes: ['Success'] });
    expect(posted.xml).not.toContain('InResponseTo');
    expect((await browser.get(`${walk.idp.url}${page}`)).body).toContain('You are signed in as Alice');
  });

  test('takes party and RelayState doubly escaped from RelayState', async () => {
    const browser = await start();
    const inner = `RPID=${encodeURIComponent(party.entityId)}&RelayState=${encodeURIComponent('/console?a=b&c=d')}`;
    for (const query of [
      `RelayState=${encodeURIComponent(inner)}`,
      `loginToRp=${encodeURIComponent(party.entityId)}&RelayState=${encodeURIComponent(inner)}`,
    ]) {
      browser.clearCookies();
      const form = await browser.get(`${walk.idp.url}${page}?${query}`);
      const posted = readPosted(await browser.submit(form, 0, aliceCredentials));
      expect(posted).toMatchObject({ relayState: '/console?a=b&c=d', statusCodes: ['Success'] });
    }
  });

  test('refuses a party without a trust, and drops the RelayState of another party', async () => {
    const browser = await start();
    const unknown = await browser.get(`${walk.idp.url}${page}?loginToRp=urn:unknown`);
    expect(unknown.status).toBe(400);
    expect(unknown.body).toContain('MSIS7012');
    const inner = `RPID=urn:other&RelayState=x`;
    const query = `loginToRp=${encodeURIComponent(party.entityId)}&RelayState=${encodeURIComponent(inner)}`;
    const form = await browser.get(`${walk.idp.url}${page}?${query}`);
    expect(readPosted(await browser.submit(form, 0, aliceCredentials)).relayState).toBeUndefined();
  });
});
