// Letters that readers of XML 1.1 take for line feeds, signed by the identity provider: `trim()` would take them away, and three
// signed names would be one user. The broker uses the signed letters, or refuses the message. U+0085 and U+2028 are such letters.
import { expect, test } from 'vitest';
import { judge } from '../saml/support/refusals.ts';
import { attributeElement, attributeStatement, authnStatement, groupClaim } from '../saml/support/response-builder.ts';
import { keyPair } from '../support/key-pairs.ts';

const key = keyPair('idp-signing');
const mfa = 'https://refeds.org/profile/mfa';
/** With a letter as it was signed. */
const places = (letter: string) =>
  [
    ['the user', { nameId: `<NameID>alice${letter}x</NameID>` }],
    ['a group', { attributes: attributeStatement(attributeElement(groupClaim, `CORP\\Staff${letter}x`)) }],
    ['the context of a second factor', { authnStatements: authnStatement({}, `${mfa}${letter}`) }],
  ] as const;

test.each(places('-'))('the twin: %s with a hyphen is accepted', async (_, parts) => {
  await expect(judge(key, { parts })).resolves.toMatchObject({ id: '_assertion' });
});

const separators = ['&#x85;', '&#x2028;'].flatMap((letter) =>
  places(letter).map((place) => [letter, ...place] as const),
);
test.each(separators)('a signed %s in %s is refused for what it is', async (_, __, parts) => {
  await expect(judge(key, { parts })).rejects.toMatchObject({ code: 'saml_refused', reason: 'malformed' });
});

test.each(places('&#xd;').slice(0, 2))('a signed carriage return in %s never becomes a line feed', async (_, parts) => {
  const used = await judge(key, { parts }).then(JSON.stringify, ({ reason }) => `refused: ${reason}`);
  expect(used).not.toContain('\\nx');
  expect(used).not.toContain('refused: signature');
});
