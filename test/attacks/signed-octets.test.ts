// A browser that posts a signed response may write its characters otherwise without changing a signed octet. The broker then
// uses the signed characters, or nothing: readers of XML 1.1 make line feeds of U+0085 and U+2028, and `trim()` takes those away.
import { expect, test } from 'vitest';
import { judge } from '../saml/support/refusals.ts';
import { attributeElement, attributeStatement, authnStatement, groupClaim } from '../saml/support/response-builder.ts';
import { keyPair } from '../support/key-pairs.ts';

const key = keyPair('idp-signing');
const mfa = 'https://refeds.org/profile/mfa';
const places = [
  ['the user', { nameId: '<NameID>alice-HERE</NameID>' }],
  ['a group', { attributes: attributeStatement(attributeElement(groupClaim, 'CORP\\Staff-HERE')) }],
  ['the context of a second factor', { authnStatements: authnStatement({}, `${mfa}-HERE`) }],
] as const;

test.each(places)('%s: a line separator, raw or by reference, is no line feed', async (_, parts) => {
  await expect(judge(key, { parts })).resolves.toMatchObject({ id: '_assertion' });
  for (const letter of ['\u0085', '\u2028']) {
    for (const written of [letter, `&#x${letter.charCodeAt(0).toString(16)};`]) {
      const options = { editSigned: (xml: string) => xml.replace('-HERE', written) };
      await expect(judge(key, { parts, options })).rejects.toMatchObject({ code: 'saml_refused' });
    }
  }
});

test('a carriage return that was signed is used as such, or nothing is', async () => {
  for (const [, parts] of places) {
    const options = { editSigned: (xml: string) => xml.replace('-HERE', 'x&#xd;y') };
    const used = await judge(key, { parts, options }).then(JSON.stringify, () => 'refused');
    expect(used).not.toContain('x\\ny');
  }
});
