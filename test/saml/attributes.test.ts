import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { xmlText } from '../../src/xml.ts';
import { anyCharacter } from '../support/any-character.ts';
import { keyPair } from '../support/key-pairs.ts';
import { judge, refusal, testAcceptances, testRefusals } from './support/refusals.ts';
import { attributeElement, attributeStatement, groupClaim } from './support/response-builder.ts';

const key = keyPair('idp-signing');

async function read(...elements: readonly string[]) {
  return (await judge(key, { parts: { attributes: attributeStatement(...elements) } })).attributes;
}

describe('attributes [Core §2.7.3]', () => {
  test('of one Name are merged, as Keycloak sends one element per role', async () => {
    const read1 = await read(
      attributeElement('Role', 'a', 'b'),
      attributeElement('x', 'y'),
      attributeElement('Role', 'c'),
    );
    expect([...read1]).toEqual([
      ['Role', ['a', 'b', 'c']],
      ['x', ['y']],
    ]);
  });

  test('of several statements are merged', async () => {
    const attributes =
      attributeStatement(attributeElement('Role', 'a')) + attributeStatement(attributeElement('Role', 'b'));
    expect((await judge(key, { parts: { attributes } })).attributes.get('Role')).toEqual(['a', 'b']);
  });

  test('may be none', async () => {
    expect((await judge(key, { parts: { attributes: '' } })).attributes.size).toBe(0);
  });

  test('with names of Object.prototype are plain entries', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const attributes = await read(...names.map((name) => attributeElement(name, 'root')));
    expect([...attributes.keys()]).toEqual(names);
    expect(Object.hasOwn(Object.prototype, 'root')).toBe(false);
    expect(({} as Record<string, unknown>)['root']).toBeUndefined();
  });

  test('do not set the identity by their name', async () => {
    const assertion = await judge(key, { parts: { attributes: attributeStatement(attributeElement('issuer', 'x')) } });
    expect(assertion.issuer).toBe('http://adfs.example.com/adfs/services/trust');
    expect(assertion.nameId?.value).toBe('alice@corp.example');
  });

  test('keep only values that are text: markup, emptiness and nil are left out', async () => {
    const nil = '<AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>';
    const markup = ['CORP\\AWS<x xmlns="urn:x"/>Admin', '<NameID>CORP\\AWS-Admin</NameID>', '', 'CORP\\AWS-Dev'];
    const attributes = await read(
      attributeElement(groupClaim, ...markup).replace('</Attribute>', `${nil}</Attribute>`),
    );
    expect(attributes.get(groupClaim)).toEqual(['CORP\\AWS-Dev']);
  });

  test('keep white space, case and order of their values', async () => {
    const values = [' a', 'a ', 'A', 'a', '\u00a0a', 'e\u0301', '\u00e9'];
    expect((await read(attributeElement('x', ...values))).get('x')).toEqual(values);
  });

  test('are refused with a value or an attribute of another namespace [Core §2.7.3]', async () => {
    const foreign = '<AttributeValue xmlns="urn:x">CORP\\AWS-Admin</AttributeValue>';
    const withValue = attributeElement(groupClaim, 'a').replace('<AttributeValue>', `${foreign}<AttributeValue>`);
    await expect(read(withValue)).rejects.toMatchObject(refusal('attributes'));
    const withAttribute =
      attributeElement(groupClaim, 'a') +
      attributeElement('x', 'a').replace('<Attribute ', '<Attribute xmlns="urn:x" ');
    await expect(read(withAttribute)).rejects.toMatchObject(refusal('attributes'));
  });

  test('come out as they were signed, whatever text they hold', async () => {
    const text = fc
      .string({ unit: anyCharacter, minLength: 1, maxLength: 40 })
      .filter((value) => isWritable(value) && !/[\x85\u2028\u2029]/.test(value));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (values) => {
        const attributes = await read(attributeElement('x', ...values.map(xmlText)));
        expect(attributes.get('x')).toEqual(values);
      }),
      { numRuns: 20 },
    );
  });

  const many = (count: number) => Array.from({ length: count }, (_, i) => attributeElement(`claim-${i}`, 'x'));

  testAcceptances(
    () => key,
    [
      { name: '256 attributes', parts: { attributes: attributeStatement(...many(256)) } },
      {
        name: 'a Name of 256 characters',
        parts: { attributes: attributeStatement(attributeElement('n'.repeat(256), 'x')) },
      },
    ],
  );

  testRefusals(
    () => key,
    [
      { name: '257 attributes', parts: { attributes: attributeStatement(...many(257)) }, reason: 'attributes' },
      {
        name: 'a Name of 257 characters',
        parts: { attributes: attributeStatement(attributeElement('n'.repeat(257), 'x')) },
        reason: 'attributes',
      },
      {
        name: 'an empty Name',
        parts: { attributes: attributeStatement(attributeElement('', 'x')) },
        reason: 'attributes',
      },
      {
        name: 'no Name',
        parts: { attributes: attributeStatement('<Attribute FriendlyName="x"/>') },
        reason: 'attributes',
      },
      {
        name: "Entra ID's link in place of the groups",
        parts: {
          attributes: attributeStatement(
            attributeElement('http://schemas.microsoft.com/claims/groups.link', 'https://graph.windows.net/x'),
          ),
        },
        reason: 'attributes',
      },
      {
        name: 'an EncryptedAttribute',
        parts: { attributes: attributeStatement('<EncryptedAttribute></EncryptedAttribute>') },
        reason: 'encryption',
      },
    ],
  );
});

// xmldom reads U+2028 as a line break, as XML 1.1 has it: such a message is refused for its digest.
function isWritable(value: string): boolean {
  try {
    return xmlText(value) !== '' && !value.includes('\u2028');
  } catch {
    return false;
  }
}
