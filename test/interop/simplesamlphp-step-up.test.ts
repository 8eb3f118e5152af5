// A role that wants a second factor, and an identity provider that asks for the password again because of ForceAuthn but
// passes over RequestedAuthnContext: what comes back is judged, not what was asked for.
import { expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { postAnswer } from '../app/support/sign-in.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { trustBroker } from './support/simplesamlphp.ts';
import { answerXml, useSimpleSamlPhp } from './support/ssp-fixture.ts';
import { reachAnswer } from './support/ssp-people.ts';

const { ssp, browser, start, signIn } = useSimpleSamlPhp();

const roleArn = 'arn:aws:iam::111122223333:role/Admin';
const multipleFactors = 'http://schemas.microsoft.com/claims/multipleauthn';

async function askForCredentials({ brokerUrl }: TestDemo): Promise<{ status: number; body: Record<string, string> }> {
  const answer = await browser().json('POST', `${brokerUrl}/api/v1/credentials`, { roleArn });
  return { status: answer.status, body: answer.json() as Record<string, string> };
}

/** Signs in again for the role; SimpleSAMLphp shows its login page although it knows the browser. */
async function stepUp(started: TestDemo): Promise<Page> {
  const { body } = await askForCredentials(started);
  expect(body['code']).toBe('step_up_required');
  return reachAnswer(browser(), new URL(body['stepUpUrl']!, started.brokerUrl).href, 'alice');
}

test('with a second factor the role opens', async () => {
  const started = await start({});
  await signIn(started, 'alice');
  trustBroker(ssp(), started.config, { authnContext: multipleFactors });
  const answer = await stepUp(started);
  expect(answerXml(answer)).toContain(multipleFactors);
  expect((await postAnswer(browser(), answer)).status).toBe(200);
  expect(await askForCredentials(started)).toMatchObject({
    status: 200,
    body: { AssumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/Admin/alice@corp.example' },
  });
});

test('with the password once more it does not, and the person is back here', async () => {
  const started = await start({});
  await signIn(started, 'alice');
  const answer = await stepUp(started);
  expect(answerXml(answer)).toContain('urn:oasis:names:tc:SAML:2.0:ac:classes:Password<');
  const page = await postAnswer(browser(), answer);
  expect(new URL(page.url).origin).toBe(started.brokerUrl);
  expect((await askForCredentials(started)).status).toBe(403);
});
