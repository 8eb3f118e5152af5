// "This was not me" ends the wait of the command line that asked, also where no browser reaches it; and what another client
// learns of it, or can do with it.
import { beforeEach, expect, test } from 'vitest';
import { confirmationCode } from '../../../src/wire/oauth.ts';
import { baseUrl, type TestApp, useApp } from '../../http/support/app.ts';
import {
  createOAuthClient,
  createProof,
  decide,
  type OAuthClient,
  openInBrowser,
  type Proof,
  readConfirm,
} from '../../http/support/oauth.ts';

const start = useApp();
const remote = { redirect_uri: `${baseUrl}/oauth/remote` };
let app: TestApp;
let client: OAuthClient;
beforeEach(async () => {
  app = await start();
  client = createOAuthClient(app);
});

const ask = (requestUri: string, verifier: string) =>
  client.post('/oauth/decision', { request_uri: requestUri, code_verifier: verifier });

/** A request for copying the code, open before a person. */
async function asked(proof: Proof) {
  const pushed = await client.push(proof, remote);
  const browser = app.browser();
  await browser.signIn('alice');
  const path = await openInBrowser(browser, pushed);
  const { person } = await readConfirm(browser, path);
  const answer = (decision: string) =>
    decide(browser, path, { decision, person, code: confirmationCode(proof.challenge) });
  return { requestUri: String(pushed.body.request_uri), answer };
}

test.each([
  ['not_me', "'This was not me' was chosen in the browser"],
  ['cancel', 'you cancelled it in the browser'],
])('the command line that asked learns of "%s", by its verifier', async (decision, detail) => {
  const proof = createProof();
  const { requestUri, answer } = await asked(proof);
  expect((await ask(requestUri, proof.verifier)).body).toEqual({ decision: 'pending' });
  expect((await answer(decision)).status).toBe(200);
  const told = await ask(requestUri, proof.verifier);
  expect(told.body).toEqual({ decision: 'denied', detail });
  expect(told.get('Cache-Control')).toBe('no-store');
  // The answer may be lost on the way.
  expect((await ask(requestUri, proof.verifier)).body).toEqual(told.body);
});

test('and nothing of a permission, which the code alone brings', async () => {
  const proof = createProof();
  const { requestUri, answer } = await asked(proof);
  expect((await answer('allow')).status).toBe(200);
  expect((await ask(requestUri, proof.verifier)).body).toEqual({ decision: 'pending' });
});

test('who has the address, the state, the challenge or another request learns nothing: as of a request that never was', async () => {
  const [proof, other] = [createProof(), createProof()];
  const { requestUri, answer } = await asked(proof);
  const otherUri = String((await client.push(other, remote)).body.request_uri);
  expect((await answer('not_me')).status).toBe(200);
  const never = await ask(`${requestUri}x`, createProof().verifier);
  const tries = [
    [requestUri, other.verifier],
    [requestUri, proof.challenge],
    [requestUri, proof.state.padEnd(43, 'x')],
    [otherUri, proof.verifier],
    [otherUri, other.verifier],
  ] as const;
  for (const [uri, verifier] of tries) {
    const { status, body } = await ask(uri, verifier);
    expect([status, body]).toEqual([200, never.body]);
  }
  expect(never.body).toEqual({ decision: 'pending' });
  expect((await ask(requestUri, proof.verifier)).body).toMatchObject({ decision: 'denied' });
});

test('a refusal of another request ends no wait, not even of one with the same challenge', async () => {
  const proof = createProof();
  const victim = await asked(proof);
  const copy = await asked({ ...proof, state: createProof().state });
  expect((await copy.answer('not_me')).status).toBe(200);
  expect((await ask(victim.requestUri, proof.verifier)).body).toEqual({ decision: 'pending' });
});

test('a page cannot ask, and a form that does not fit is refused without its values', async () => {
  const { verifier } = createProof();
  const fields = { request_uri: 'urn:x', code_verifier: verifier };
  expect((await client.post('/oauth/decision', fields, { Origin: 'https://evil.example' })).status).toBe(403);
  const short = await client.post('/oauth/decision', { ...fields, code_verifier: 'secret-verifier' });
  expect(short.status).toBe(400);
  expect(short.text).not.toContain('secret-verifier');
});
