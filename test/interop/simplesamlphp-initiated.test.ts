// SimpleSAMLphp starts the sign-in itself (Profiles §4.1.5), as its portal's links do.
import { expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { answerOf, postAnswer } from '../app/support/sign-in.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { refusals } from './support/broker.ts';
import { useSimpleSamlPhp } from './support/ssp-fixture.ts';
import { reachAnswer } from './support/ssp-people.ts';

const { ssp, browser, start } = useSimpleSamlPhp();

const link = '/console?role=payments-dev/Developer';
const allowed = { entry: { unsolicited: { allowed: true, returnTo: [link] } } };
const signed = { signAssertion: true, signResponse: true };

function reachUnsolicited({ config }: TestDemo, relayState?: string): Promise<Page> {
  const url = new URL('/saml2/idp/SSOService.php', ssp().url);
  url.searchParams.set('spentityid', config.serviceProvider.entityId);
  if (relayState !== undefined) url.searchParams.set('RelayState', relayState);
  return reachAnswer(browser(), url.href, 'alice');
}

test('where it is allowed, alice is signed in', async () => {
  const started = await start(signed, allowed);
  const page = await postAnswer(browser(), await reachUnsolicited(started));
  expect(page.url).toBe(`${started.brokerUrl}/`);
  expect(page.body).toContain('Your accounts');
  expect(refusals(started)).toEqual([]);
});

test('RelayState leads to a page of the list, and nowhere else', async () => {
  const started = await start(signed, allowed);
  const listed = await postAnswer(browser(), await reachUnsolicited(started, link));
  expect(listed.url).toBe(started.brokerUrl + link);
  browser().clearCookies();
  const foreign = await postAnswer(browser(), await reachUnsolicited(started, 'https://evil.example/'));
  expect(foreign.url).toBe(`${started.brokerUrl}/`);
  expect(foreign.body).toContain('Your accounts');
});

test('an answer counts once', async () => {
  const started = await start(signed, allowed);
  const answer = await reachUnsolicited(started);
  await postAnswer(browser(), answer);
  browser().clearCookies();
  const again = await browser().post(started.config.acsUrl, answerOf(answer), { origin: ssp().url });
  expect(again.status).toBe(403);
  expect(refusals(started)).toEqual(['replay']);
});

test('is refused where the configuration does not allow it', async () => {
  const started = await start(signed);
  expect((await postAnswer(browser(), await reachUnsolicited(started))).status).toBe(403);
  expect(refusals(started)).toEqual(['correlation']);
});
