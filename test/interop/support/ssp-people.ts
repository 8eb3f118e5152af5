// The people SimpleSAMLphp knows, with attributes as AD FS names them, and its login page.
import type { HtmlForm } from '../../support/http-browser/html-forms.ts';
import type { HttpBrowser } from '../../support/http-browser/http-browser.ts';
import type { Page } from '../../support/http-browser/navigation.ts';
import { claims } from './broker.ts';
import type { SspUser } from './ssp-tree.ts';

/** A name in several scripts, with a character outside the Basic Multilingual Plane and one that XML has to escape. */
export const aliceName = 'Ålice Šampleß & Żółć 日本 𝒜';
/** Granted by the rule `zurichRule` only. */
const zurichGroup = 'CORP\\AWS-Büro-Zürich';

export const zurichRule = {
  name: 'office in Zürich',
  when: { group: zurichGroup },
  grant: { accounts: ['platform-dev'], role: 'Operator' },
};

const person = (name: string, attributes: Record<string, readonly string[]>): SspUser => ({
  name,
  password: 'password',
  attributes: {
    [claims.upn]: [`${name}@corp.example`],
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress': [`${name}@corp.example`],
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname': [`CORP\\${name}`],
    ...attributes,
  },
});

export const people: readonly SspUser[] = [
  person('alice', {
    [claims.name]: [aliceName],
    [claims.group]: ['CORP\\Domain Users', 'CORP\\AWS-Payments-Dev', 'CORP\\AWS-Payments-Admins', zurichGroup],
  }),
  person('bob', { [claims.name]: ['Bob Sample'] }),
];

export const userIdAttribute = claims.upn;

const hasPassword = (form: HtmlForm) => form.fields.some(([name]) => name === 'AuthState');

/** From the broker to SimpleSAMLphp's login page and through it, up to the answer that waits to be posted. */
export async function reachAnswer(browser: HttpBrowser, loginUrl: string, username: string): Promise<Page> {
  const page = await browser.get(loginUrl);
  return browser.submit(page, hasPassword, { username, password: 'password' });
}
