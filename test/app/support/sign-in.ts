// Signing in as a person does, in the browser without scripts: login form, answer of the identity provider, ACS.
import type { HtmlForm } from '../../support/http-browser/html-forms.ts';
import type { HttpBrowser } from '../../support/http-browser/http-browser.ts';
import type { Page } from '../../support/http-browser/navigation.ts';

const hasField = (name: string) => (form: HtmlForm) => form.fields.some(([field]) => field === name);

/** Up to the identity provider's answer, which waits as a form to be posted to the ACS. */
export async function reachAnswer(
  browser: HttpBrowser,
  brokerUrl: string,
  user: string,
  path = '/login',
): Promise<Page> {
  const page = await browser.get(brokerUrl + path);
  if (page.forms.some(hasField('SAMLResponse'))) return page;
  return browser.submit(page, hasField('UserName'), { UserName: user, Password: 'password' });
}

/** @returns the page after the ACS */
export async function signIn(browser: HttpBrowser, brokerUrl: string, user: string, path?: string): Promise<Page> {
  return postAnswer(browser, await reachAnswer(browser, brokerUrl, user, path));
}

export function postAnswer(browser: HttpBrowser, page: Page): Promise<Page> {
  return browser.submit(page, hasField('SAMLResponse'));
}

/** The fields that carry the answer to the ACS. */
export function answerOf(page: Page): Record<string, string> {
  return Object.fromEntries(page.forms.find(hasField('SAMLResponse'))?.fields ?? []);
}
