// A browser that keeps coming back for a token is stopped.
import { describe, expect, test } from 'vitest';
import { party, readPosted } from './fixture.ts';
import { useWalk } from './walk.ts';

const walk = useWalk();
const { start, open, request, signInAs } = walk;

describe('loop detection', () => {
  test('refuses the sixth sign-in within 20 seconds from one browser for one party [MSIS7042]', async () => {
    const other = { ...party, entityId: 'urn:other' };
    const browser = await start({ relyingParties: [party, other] });
    await signInAs(browser);
    for (let i = 0; i < 4; i++) {
      walk.clock.advance(1_000);
      expect(readPosted(await request(browser)).statusCodes).toEqual(['Success']);
    }
    const refused = await request(browser);
    expect(refused.status).toBe(400);
    expect(refused.body).toContain('MSIS7042');
    expect(walk.idp.events.at(-1)).toMatchObject({ type: 'error', code: 'MSIS7042', relyingParty: party.entityId });
    expect(readPosted(await request(browser, { issuer: 'urn:other' })).statusCodes).toEqual(['Success']);
    expect(readPosted(await signInAs(open())).statusCodes).toEqual(['Success']);
    walk.clock.advance(20_000);
    expect(readPosted(await request(browser)).statusCodes).toEqual(['Success']);
  });

  test('can be switched off', async () => {
    const browser = await start({ loopDetection: false });
    await signInAs(browser);
    for (let i = 0; i < 8; i++) expect(readPosted(await request(browser)).statusCodes).toEqual(['Success']);
  });
});
