// Attributes of good messages that try to grant more than they may: the user who is signed in gets the roles that exact
// values of the configured claim give, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  attributeElement,
  attributeStatement,
  element,
  groupClaim,
  type ResponseParts,
} from '../saml/support/response-builder.ts';
import { answerXml, beginLogin, formFor } from './support/login.ts';
import { expectRefused } from './support/oracle.ts';
import { startTarget, type Target } from './support/target.ts';
import type { Cookies } from './support/wire.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.close());

const admin = 'CORP\\AWS-Admin';
const dev = 'CORP\\AWS-Dev';
const groups = (...values: readonly string[]) => attributeStatement(attributeElement(groupClaim, ...values));
const ws2008 = 'http://schemas.microsoft.com/ws/2008/06/identity/claims';
const nil = '<AttributeValue xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>';

async function signInWith(parts: Partial<ResponseParts>): Promise<Cookies> {
  const login = await beginLogin(target, 'adfs');
  const answer = await target.wire.post(
    '/saml/acs',
    formFor(login, answerXml(target, login, 'both', parts)),
    login.cookies,
  );
  expect([answer.status, target.audit.at(-1)?.['event']]).toEqual([303, 'sign_in']);
  return login.cookies;
}

async function rolesOf(cookies: Cookies): Promise<string[]> {
  const { roles } = JSON.parse((await target.wire.get('/api/v1/roles', cookies)).body) as {
    roles: { roleName: string }[];
  };
  return roles.map(({ roleName }) => roleName).sort();
}

/** Each with the twin that shows the claim itself grants: one value differs. */
const lookalikes: readonly (readonly [string, string])[] = [
  ['a group in another case', admin.toLowerCase()],
  ['a group with white space before it', ` ${admin}`],
  ['a group with white space behind it', `${admin}\n`],
  ['a group with a non-breaking space', `${admin}\u00a0`],
  ['a group with a letter that looks alike', admin.replace('A', '\u0410')],
  ['a group in full-width letters', admin.replace('AWS', '\uff21\uff37\uff33')],
  ['a group with a joiner inside', admin.replace('AWS', 'A\u200dWS')],
  ['a group of another domain', admin.replace('CORP', 'EVIL')],
  ['a group that begins alike', `${admin}s`],
  ['two groups in one value', `${dev};${admin}`],
  ['two groups on two lines', `${dev}\n${admin}`],
  ['two groups with a tab between', `${dev}&#9;${admin}`],
  ['a distinguished name', `CN=${admin},OU=Groups,DC=corp,DC=example`],
  ['a group around markup', `CORP\\AWS-<x xmlns="urn:x"/>Admin`],
  ['a group inside markup', `<x xmlns="urn:x">${admin}</x>`],
  ['a group as escaped markup', `&lt;AttributeValue>${admin}&lt;/AttributeValue>`],
  ['a group in a nested AttributeValue', `<AttributeValue>${admin}</AttributeValue>`],
];

const places: readonly (readonly [string, string])[] = [
  ['an attribute of another Name', attributeElement(`${groupClaim}s`, admin)],
  ['an attribute whose Name differs in case', attributeElement(groupClaim.toLowerCase(), admin)],
  ['an attribute whose Name has white space', attributeElement(`${groupClaim} `, admin)],
  [
    'a FriendlyName',
    element('Attribute', { Name: 'x', FriendlyName: groupClaim }, element('AttributeValue', {}, admin)),
  ],
  [
    'another OriginalIssuer',
    element('Attribute', { Name: 'x', 'xmlns:a': 'urn:a', 'a:Name': groupClaim }, element('AttributeValue', {}, admin)),
  ],
  ['an Attribute inside an AttributeValue', attributeElement('x', attributeElement(groupClaim, admin))],
  ['__proto__', attributeElement('__proto__', admin)],
  ['constructor', attributeElement('constructor', admin)],
  ['prototype', attributeElement('prototype', admin)],
  ['groups, a field of the session', attributeElement('groups', admin)],
  ['identity, a field of the session', attributeElement('identity', admin)],
  ['a deny-only SID', attributeElement(`${ws2008}/denyonlysid`, admin)],
  ['a deny-only primary SID', attributeElement(`${ws2008}/denyonlyprimarysid`, admin)],
];

/** Refused as a whole: the schema allows nothing else there, and a reader by local names would take them. */
const foreign: readonly (readonly [string, string])[] = [
  [
    'an Attribute of another namespace',
    `<Attribute xmlns="urn:x" Name="${groupClaim}"><AttributeValue>${admin}</AttributeValue></Attribute>`,
  ],
  [
    'an AttributeValue of another namespace',
    element('Attribute', { Name: groupClaim }, `<AttributeValue xmlns="urn:x">${admin}</AttributeValue>`),
  ],
];

describe('a good message grants no more than it says', () => {
  test('and an exact group of the claim is what grants: the twin of all below', async () => {
    expect(await rolesOf(await signInWith({ attributes: groups(dev, admin) }))).toEqual(['Admin', 'Developer']);
  });

  for (const [name, value] of lookalikes) {
    test(`by ${name}`, async () => {
      expect(await rolesOf(await signInWith({ attributes: groups(dev, value) }))).toEqual(['Developer']);
    });
  }

  for (const [name, attribute] of foreign) {
    test(`and is refused with ${name}`, async () => {
      const login = await beginLogin(target, 'adfs');
      const attributes = attributeStatement(attributeElement(groupClaim, dev), attribute);
      const form = formFor(login, answerXml(target, login, 'both', { attributes }));
      await expectRefused(target, login.cookies, form, { reason: 'attributes', idp: 'adfs' });
    });
  }

  for (const [name, attribute] of places) {
    test(`by ${name}`, async () => {
      const attributes = attributeStatement(attributeElement(groupClaim, dev), attribute);
      expect(await rolesOf(await signInWith({ attributes }))).toEqual(['Developer']);
      expect(({} as Record<string, unknown>)[admin]).toBeUndefined();
    });
  }
});

describe('a good message grants no less than it says', () => {
  const whole: readonly (readonly [string, string])[] = [
    [
      'one Attribute for each group, as Keycloak sends them',
      attributeStatement(attributeElement(groupClaim, dev), attributeElement(groupClaim, admin)),
    ],
    ['two AttributeStatements', groups(dev) + groups(admin)],
    ['the same group a hundred times', groups(...Array.from({ length: 100 }, () => dev), admin)],
    [
      'an empty value, one of markup and nil between',
      groups(dev, '', '<x xmlns="urn:x"/>', admin).replace('</Attribute>', `${nil}</Attribute>`),
    ],
    ['3,000 groups', groups(...Array.from({ length: 3000 }, (_, i) => `CORP\\Distribution-List-${i}`), dev, admin)],
    ['groups of every script', groups('CORP\\Größe', 'CORP\\管理者', 'CORP\\\u{1f511}', dev, admin)],
    [
      'xsi:type and NameFormat',
      groups(dev, admin)
        .replace('<Attribute ', '<Attribute NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" ')
        .replaceAll(
          '<AttributeValue>',
          '<AttributeValue xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="xs:string" xmlns:xs="http://www.w3.org/2001/XMLSchema">',
        ),
    ],
  ];
  for (const [name, attributes] of whole) {
    test(`in ${name}`, async () => {
      expect(await rolesOf(await signInWith({ attributes }))).toEqual(['Admin', 'Developer']);
    });
  }
});

describe('what a message says is shown as text', () => {
  const markup = '&lt;script>alert(1)&lt;/script>&lt;img src=x onerror=alert(1)>" \' {{7*7}}';

  test('in names and groups of a person without roles', async () => {
    const attributes = attributeStatement(
      attributeElement(groupClaim, markup),
      attributeElement('http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name', markup),
    );
    const cookies = await signInWith({ attributes, nameId: `<NameID>${markup}</NameID>` });
    const page = await target.wire.get('/', cookies);
    expect(page.status).toBe(200);
    expect(page.body).toContain('&lt;script&gt;alert(1)');
    expect(page.body).not.toMatch(/<script>alert|<img src=x/);
  });

  test('in the name of a person who asks for credentials: STS is given a legal one', async () => {
    const cookies = await signInWith({ attributes: groups(dev), nameId: `<NameID>${markup}</NameID>` });
    const body = { roleArn: 'arn:aws:iam::444455556666:role/Developer' };
    const answer = await target.wire.call('/api/v1/credentials', body, cookies);
    expect(answer.status).toBe(200);
    expect((JSON.parse(answer.body) as { AssumedRoleArn: string }).AssumedRoleArn).toMatch(
      /\/Developer\/[\w+=,.@-]{2,64}$/,
    );
  });
});
