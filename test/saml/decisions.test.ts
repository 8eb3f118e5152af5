// Where the standards leave room, or XML readers differ: what we refuse, what we accept, and as what. Each decision is
// explained in docs/conformance.md.
import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { validateResponse } from '../../src/saml/validate-response.ts';
import { fillIn } from '../attacks/differential/sign.ts';
import { placeholders } from '../attacks/differential/signature-source.ts';
import { octetsByXmlCrypto } from '../attacks/differential/xml-crypto-oracle.ts';
import { keyPair } from '../support/key-pairs.ts';
import { judge, testAcceptances, testRefusals, validated } from './support/refusals.ts';
import {
  attributeElement,
  attributeStatement,
  authnStatement,
  conditionsElement,
  confirmation,
  expectationsFor,
  groupClaim,
  now,
  nsSaml,
  type ResponseParts,
  signedXml,
  toBase64,
} from './support/response-builder.ts';
import { exclusiveC14n } from './support/sign-element.ts';

const key = keyPair('idp-signing');

const groups = (...values: readonly string[]) => ({
  attributes: attributeStatement(attributeElement(groupClaim, ...values)),
});
const named = (name: string) => ({ nameId: `<NameID>${name}</NameID>` });
const mfa = 'https://refeds.org/profile/mfa';

describe('line separators of XML 1.1', () => {
  const separators = ['\u0085', '\u2028', '\u2029'];
  const written = (letter: string) => [
    letter,
    `&#${letter.charCodeAt(0)};`,
    `&#x${letter.charCodeAt(0).toString(16)};`,
  ];
  // The letters come in after signing: xmldom, with which the tests sign, would turn two of them into LF.
  const places: readonly (readonly [string, Partial<ResponseParts>])[] = [
    ['a group', groups('CORP\\Staff-HERE')],
    ['the NameID', named('alice-HERE')],
    ['the class reference', { authnStatements: authnStatement({}, `${mfa}-HERE`) }],
    ['an attribute', { authnStatements: authnStatement({ SessionIndex: '_a-HERE' }) }],
  ];
  for (const [what, parts] of places) {
    test(`are refused in ${what}, raw and by reference`, async () => {
      await expect(judge(key, { parts })).resolves.toMatchObject({ id: '_assertion' });
      for (const text of separators.flatMap(written)) {
        const options = { editSigned: (xml: string) => xml.replace('-HERE', text) };
        await expect(judge(key, { parts, options })).rejects.toMatchObject({
          reason: 'malformed',
          message: expect.stringMatching(/U\+(0085|2028|2029)/),
        });
      }
    });
  }

  test('are refused in what was signed with them', async () => {
    for (const parts of [
      groups('CORP\\Staff&#x85;'),
      groups('a&#x2029;'),
      { authnStatements: authnStatement({}, `${mfa}&#x2028;`) },
    ]) {
      await expect(judge(key, { parts })).rejects.toMatchObject({ reason: 'malformed' });
    }
  });

  test('are refused where the browser writes them as a reference after signing, which changes no signed octet', async () => {
    for (const mode of ['assertion', 'response'] as const) {
      const options = { mode, editSigned: (xml: string) => xml.replace('CORP\\AWS-Dev', 'CORP\\AWS-Dev&#x85;') };
      await expect(judge(key, { options })).rejects.toMatchObject({ reason: 'malformed' });
    }
  });
});

describe('the name of a person', () => {
  testAcceptances(
    () => key,
    [
      { name: 'letters of any script', parts: named('Zoë.Müller@例え.example') },
      { name: 'a space inside', parts: named('Alice Example') },
    ],
  );

  test('is without the white space around it', async () => {
    const { nameId } = await judge(key, { parts: named(' \n\talice@corp.example\r\n ') });
    expect(nameId?.value).toBe('alice@corp.example');
  });

  const invisible: readonly (readonly [string, string])[] = [
    ['a tab inside', '&#9;'],
    ['a line feed inside', '\n'],
    ['a carriage return inside', '&#13;'],
    ['DEL', '\u007f'],
    ['a C1 control', '\u009b'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a word joiner', '\u2060'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['a right-to-left mark', '\u200f'],
    ['a variation selector', '\ufe0f'],
    ['a Hangul filler', '\u3164'],
    ['a tag character', '\u{e0041}'],
  ];
  testRefusals(
    () => key,
    invisible.map(([name, letter]) => ({ name, parts: named(`ali${letter}ce`), reason: 'subject' as const })),
  );

  test('may look like any other in a group, which is carried as it was signed', async () => {
    const values = ['a\u200bb', '\u202eb', ' a\u00a0'];
    expect((await judge(key, { parts: groups(...values) })).attributes.get(groupClaim)).toEqual(values);
  });
});

describe('an authentication context', () => {
  const contexts = async (classRef: string) =>
    (await judge(key, { parts: { authnStatements: authnStatement({}, classRef) } })).authn.contexts;

  test('is compared without the white space that XML Schema takes from a URI', async () => {
    expect(await contexts(`\n  ${mfa}\t`)).toEqual([mfa]);
    expect(await contexts('urn:a \n b')).toEqual(['urn:a b']);
  });

  test('is nothing else than what was signed', async () => {
    for (const letter of ['\u00a0', '\u200b', '\ufeff', '\u3000', '/']) {
      expect(await contexts(mfa + letter)).toEqual([mfa + letter]);
    }
  });
});

describe('a Signature', () => {
  const object = '<ds:Object><x xmlns="urn:x"/></ds:Object>';
  const edits: readonly (readonly [string, (xml: string) => string])[] = [
    ['an Object', (xml) => xml.replace('</ds:Signature>', `${object}</ds:Signature>`)],
    ['an Object before its KeyInfo', (xml) => xml.replace('<ds:KeyInfo', `${object}<ds:KeyInfo`)],
    ['something of another namespace', (xml) => xml.replace('</ds:Signature>', '<x xmlns="urn:x"/></ds:Signature>')],
    ['a Transform in its KeyInfo', (xml) => xml.replace('</ds:KeyInfo>', '<ds:Transform/></ds:KeyInfo>')],
    [
      'a Reference of another namespace in its KeyInfo',
      (xml) => xml.replace('</ds:KeyInfo>', '<Reference xmlns="urn:x"/></ds:KeyInfo>'),
    ],
    ['a second KeyInfo', (xml) => xml.replace('</ds:Signature>', '<ds:KeyInfo/></ds:Signature>')],
  ];
  testRefusals(
    () => key,
    edits.map(([name, editSigned]) => ({
      name: `${name} in it`,
      options: { editSigned },
      reason: 'malformed' as const,
    })),
  );

  const moveBehind = (tag: string) => (xml: string) => {
    const signature = /<ds:Signature .*?<\/ds:Signature>/s.exec(xml)![0];
    return xml.replace(signature, '').replace(tag, tag + signature);
  };
  testRefusals(
    () => key,
    [
      {
        name: 'one that follows the Subject [Core §2.3.3]',
        options: { mode: 'assertion', editSigned: moveBehind('</Subject>') },
        reason: 'malformed',
      },
      {
        name: 'one that follows the Status [Core §3.2.2]',
        options: { mode: 'response', editSigned: moveBehind('</samlp:Status>') },
        reason: 'malformed',
      },
    ],
  );

  test('may come without KeyInfo, which is never read', async () => {
    const editSigned = (xml: string) => xml.replace(/<ds:KeyInfo>.*?<\/ds:KeyInfo>/s, '');
    await expect(judge(key, { options: { editSigned } })).resolves.toMatchObject({ id: '_assertion' });
  });
});

describe('InclusiveNamespaces [Exclusive C14N §4]', () => {
  const holders = [/(<ds:CanonicalizationMethod [^>]*)\/>/, /(<ds:Transform Algorithm="[^"]*exc-c14n#")\/>/];
  const element = (list: string) => `<ec:InclusiveNamespaces xmlns:ec="${exclusiveC14n}"${list}/>`;

  /** Signed again with the list in it. */
  const withList = (holder: RegExp, list: string) =>
    fillIn(
      signedXml(key, { response: { 'xmlns:x': 'urn:x' } })
        .replace(holder, (found, tag) => `${tag}>${element(list)}</${/<(\S+)/.exec(found)![1]}>`)
        .replace(/(<ds:DigestValue>)[^<]*/, `$1${placeholders('Assertion').digest}`)
        .replace(/(<ds:SignatureValue>)[^<]*/, `$1${placeholders('Assertion').value}`),
      'Assertion',
      createPrivateKey(key.key),
      '',
    );

  test('is refused in CanonicalizationMethod where it changes the SignedInfo', () => {
    const xml = toBase64(withList(holders[0]!, ' PrefixList="x"'));
    expect(() => validateResponse(xml, expectationsFor(key), now)).toThrow(
      expect.objectContaining({ reason: 'algorithm' }),
    );
  });

  test('counts for the octets of its Transform', () => {
    const xml = withList(holders[1]!, ' PrefixList="x"');
    const { evidence } = validateResponse(toBase64(xml), expectationsFor(key), now);
    expect([evidence.assertionOctets]).toEqual(octetsByXmlCrypto(xml, ['Assertion'], [key.cert]));
    const without = toBase64(xml.replace(/<ec:.*?\/>/, ''));
    expect(() => validateResponse(without, expectationsFor(key), now)).toThrow(
      expect.objectContaining({ reason: 'signature' }),
    );
  });

  for (const holder of holders) {
    for (const list of [
      ' PrefixList=""',
      ' PrefixList=" "',
      ' PrefixList="x  ds"',
      ' PrefixList="x ds x"',
      '',
      ' PrefixList="x&#10;ds"',
      ' PrefixList="x\u00a0ds"',
      ' PrefixList="1"',
    ]) {
      test(`is refused with${list} in ${holder.source.slice(5, 30)}`, async () => {
        const message = toBase64(
          signedXml(key).replace(holder, (found, tag) => `${tag}>${element(list)}</${/<(\S+)/.exec(found)![1]}>`),
        );
        await expect(validated(message, expectationsFor(key), now)).rejects.toMatchObject({ reason: 'malformed' });
      });
    }
  }
});

describe('the Issuer of a Response [Profiles §4.1.4.2]', () => {
  testAcceptances(
    () => key,
    [
      {
        name: 'none where only the assertion is signed',
        parts: { responseIssuer: '' },
        options: { mode: 'assertion' },
      },
    ],
  );
  testRefusals(
    () => key,
    [
      {
        name: 'none in a signed Response',
        parts: { responseIssuer: '' },
        options: { mode: 'response' },
        reason: 'issuer',
      },
      {
        name: 'none where both are signed',
        parts: { responseIssuer: '' },
        options: { mode: 'both' },
        reason: 'issuer',
      },
    ],
  );
});

describe('an empty InResponseTo, which is not a name', () => {
  const unsolicited = { inResponseTo: undefined };
  testAcceptances(
    () => key,
    [
      {
        name: 'none in an unsolicited message',
        parts: { response: { InResponseTo: undefined }, confirmations: confirmation({ InResponseTo: undefined }) },
        expected: unsolicited,
      },
    ],
  );
  testRefusals(
    () => key,
    [
      {
        name: 'it in an unsolicited Response',
        parts: { response: { InResponseTo: '' }, confirmations: confirmation({ InResponseTo: undefined }) },
        expected: unsolicited,
        reason: 'correlation',
      },
      {
        name: 'it in an unsolicited confirmation',
        parts: { response: { InResponseTo: undefined }, confirmations: confirmation({ InResponseTo: '' }) },
        expected: unsolicited,
        reason: 'correlation',
      },
    ],
  );
});

describe('names that a reader by local names takes for others', () => {
  const inValue = (xml: string) => groups(`a${xml}`);
  testAcceptances(
    () => key,
    [{ name: 'markup of another namespace in a value', parts: inValue('<x xmlns="urn:x" y="z"/>') }],
  );
  testRefusals(
    () => key,
    [
      {
        name: 'a Signature of another namespace',
        parts: { beforeAssertion: '<Signature xmlns="urn:x"/>' },
        reason: 'malformed',
      },
      {
        name: 'a NameID of another namespace',
        parts: { nameId: '<NameID xmlns="urn:x">admin@corp.example</NameID>' },
        reason: 'malformed',
      },
      {
        name: 'an AttributeStatement of another namespace beside ours',
        parts: { conditions: `${conditionsElement()}<AttributeStatement xmlns="urn:x"/>` },
        reason: 'malformed',
      },
      { name: 'an Assertion of another namespace', parts: inValue('<Assertion xmlns="urn:x"/>'), reason: 'malformed' },
      {
        name: 'an Assertion of another namespace beside ours',
        parts: { beforeAssertion: '<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>' },
        reason: 'malformed',
      },
      {
        name: 'an ID of another namespace that repeats ours',
        parts: inValue('<x xmlns:y="urn:y" y:Id="_assertion"/>'),
        reason: 'malformed',
      },
      {
        name: 'a value of another namespace beside ours',
        parts: {
          attributes: attributeStatement(
            `<Attribute Name="x"><AttributeValue xmlns="${nsSaml}">a</AttributeValue><v xmlns="urn:x"/></Attribute>`,
          ),
        },
        reason: 'attributes',
      },
    ],
  );
});

describe('what no signature covers', () => {
  test('is bounded by its length, however it is written', async () => {
    const edited = (editSigned: (xml: string) => string) => judge(key, { options: { mode: 'assertion', editSigned } });
    const spaces = (count: number) => (xml: string) =>
      xml.replace('<samlp:Status>', `${' '.repeat(count)}<samlp:Status>`);
    await expect(edited(spaces(20_000))).resolves.toMatchObject({ id: '_assertion' });
    await expect(edited(spaces(33 * 1024))).rejects.toMatchObject({ reason: 'too_large' });
    const zeros = (count: number) => (xml: string) => xml.replace('CORP', `&#x${'0'.repeat(count)}43;ORP`);
    await expect(edited(zeros(20_000))).resolves.toMatchObject({ id: '_assertion' });
    await expect(edited(zeros(33 * 1024))).rejects.toMatchObject({ reason: 'too_large' });
  });
});
