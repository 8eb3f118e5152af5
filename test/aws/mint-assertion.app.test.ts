import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExclusiveCanonicalization, SignedXml } from 'xml-crypto';
import { type MintRequest, mintResponse } from '../../src/aws/mint-assertion.ts';
import { partitions, samlRecipient } from '../../src/aws/partitions.ts';
import { keyPair } from '../support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../support/xmlsec1.ts';
import {
  all,
  attributesOf,
  issuer,
  mintingKey,
  mintRequest,
  now,
  parse,
  principalArn,
  recipient,
  roleArn,
  textOf,
} from './support/minting.ts';

const pair = keyPair('minting');

const mint = (overrides: Partial<MintRequest> = {}) => mintResponse(mintRequest(overrides), mintingKey(pair));

/** The canonical bytes that xml-crypto verified, or undefined. */
function verified(xml: string, certificate = pair.cert): string | undefined {
  const signature = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null });
  signature.loadSignature(all(parse(xml), 'Signature')[0] as never);
  return signature.checkSignature(xml) ? signature.getSignedReferences()[0] : undefined;
}

describe('mintResponse', () => {
  test('says what AWS reads, and nothing else', async () => {
    const document = parse(await mint());
    expect(attributesOf(document)).toEqual({
      Role: [`${roleArn},${principalArn}`],
      RoleSessionName: ['alice@example.com'],
      SourceIdentity: ['alice@example.com'],
    });
    expect(all(document, 'Issuer').map((element) => element.textContent)).toEqual([issuer, issuer]);
    expect(textOf(document, 'NameID')).toBe('c2Vzc2lvbi1zdWJqZWN0');
    expect(all(document, 'NameID')[0]?.getAttribute('Format')).toMatch(/:persistent$/);
    expect(textOf(document, 'Audience')).toBe('urn:amazon:webservices');
    expect(all(document, 'SubjectConfirmation')).toHaveLength(1);
    expect(all(document, 'SubjectConfirmationData')[0]?.getAttribute('Recipient')).toBe(recipient);
    expect(document.documentElement.getAttribute('Destination')).toBe(recipient);
  });

  test('carries session tags, one value each, and the keys that a chain keeps', async () => {
    const tags = [
      { key: 'Team', value: 'payments & <risk>' },
      { key: 'Cost Center', value: '' },
    ];
    const xml = await mint({ tags, transitiveTagKeys: ['Team', 'Cost Center'] });
    expect(attributesOf(parse(xml))).toMatchObject({
      'PrincipalTag:Team': ['payments & <risk>'],
      'PrincipalTag:Cost Center': [''],
      TransitiveTagKeys: ['Team', 'Cost Center'],
    });
    expect(verified(xml)).toBeDefined();
  });

  test('leaves SourceIdentity out where the rule says so', async () => {
    expect(attributesOf(parse(await mint({ sourceIdentity: undefined })))).not.toHaveProperty('SourceIdentity');
  });

  test('lives five minutes at most, begins a minute early, and does not bound the session', async () => {
    const document = parse(await mint());
    const [conditions, data] = [all(document, 'Conditions')[0], all(document, 'SubjectConfirmationData')[0]];
    const at = (element: Element | undefined, name: string) => new Date(element?.getAttribute(name) ?? '').getTime();
    expect(at(conditions, 'NotOnOrAfter') - now.getTime()).toBe(300_000);
    expect(at(data, 'NotOnOrAfter') - now.getTime()).toBe(300_000);
    expect(now.getTime() - at(conditions, 'NotBefore')).toBe(60_000);
    expect(at(all(document, 'Assertion')[0], 'IssueInstant')).toBe(now.getTime());
    expect(at(all(document, 'AuthnStatement')[0], 'AuthnInstant')).toBe(now.getTime() - 3_600_000);
    expect(all(document, 'AuthnStatement')[0]?.hasAttribute('SessionNotOnOrAfter')).toBe(false);
  });

  for (const [name, partition] of Object.entries(partitions)) {
    test(`speaks to the partition ${name}`, async () => {
      const to = samlRecipient(partition);
      const document = parse(await mint({ partition, recipient: to }));
      expect(textOf(document, 'Audience')).toBe(partition.audience);
      expect(Object.keys(attributesOf(document, partition.attributePrefix))).toContain('Role');
      expect(to).toBe(`https://${partition.signinHost}/saml`);
    });
  }

  test('stays far below what STS takes', async () => {
    const longest = { roleArn: `arn:aws:iam::111122223333:role/${'p'.repeat(512)}/${'r'.repeat(64)}` };
    expect(Buffer.from(await mint(longest)).toString('base64').length).toBeLessThan(100_000);
  });
});

const values: readonly (readonly [string, Partial<MintRequest>])[] = [
  ['plain values', {}],
  ['markup in every value', everywhere(`&<>"' &amp; ]]> <!-- --> <?x?> &#10;`)],
  ['letters of other scripts', everywhere('Grüße Ωμέγα 東京 עברית e\u0301')],
  ['characters beyond the basic plane', everywhere('😀 𝕏 \u{10fffd}')],
  ['spaces of other kinds', everywhere('b\u2029c\u00a0d\ufeffe\u3000')],
  ['long values', everywhere('x'.repeat(2000))],
  ['every character a session name may have', { roleSessionName: 'azAZ09_+=,.@-', sourceIdentity: 'azAZ09_+=,.@-' }],
  ['a role with a path', { roleArn: 'arn:aws:iam::111122223333:role/teams/payments/Developer+=,.@_-' }],
  ['no SourceIdentity', { sourceIdentity: undefined }],
];

function everywhere(value: string): Partial<MintRequest> {
  const { issuer: i, subject, roleArn: r, principalArn: p, roleSessionName, recipient: to } = mintRequest();
  return {
    ...{ issuer: i + value, subject: subject + value, roleArn: r + value, principalArn: p + value },
    ...{ roleSessionName: roleSessionName + value, sourceIdentity: value, recipient: to + value },
  };
}

describe('the signature of a minted assertion', () => {
  for (const [name, overrides] of values) {
    test(`is verified by xmlsec1 with ${name}`, async () => {
      await verifyWithXmlsec1(await mint(overrides), pair.cert);
    });

    test(`is verified by xml-crypto with ${name}, over the text that was written`, async () => {
      const xml = await mint(overrides);
      const canonical = verified(xml);
      expect(canonical).toBe(written(xml));
      // The same by our own hands: canonicalise the parsed assertion without its Signature.
      const assertion = all(parse(xml), 'Assertion')[0]!;
      assertion.removeChild(all(assertion, 'Signature')[0]!);
      expect(new ExclusiveCanonicalization().process(assertion as never, {}).toString()).toBe(canonical);
      const digest = createHash('sha256').update(canonical!, 'utf8').digest('base64');
      expect(textOf(parse(xml), 'DigestValue')).toBe(digest);
    });
  }

  // xmldom, which xml-crypto uses, reads U+2028 as a line break, which is a rule of XML 1.1 only.
  test('is verified by xmlsec1 with a line separator', async () => {
    await verifyWithXmlsec1(await mint(everywhere('a\u2028b')), pair.cert);
  });

  test('does not hold for another key, or with one letter changed', async () => {
    const other = keyPair('stranger');
    const xml = await mint();
    expect(() => verified(xml, other.cert)).toThrow();
    expect(verified(xml.replace('role/Developer', 'role/Administrator'))).toBeUndefined();
    await expect(verifyWithXmlsec1(xml, other.cert)).rejects.toThrow();
    await expect(verifyWithXmlsec1(xml.replace('role/Developer', 'role/Adm'), pair.cert)).rejects.toThrow();
  });
});

/** The assertion as it is in the message, without its Signature. */
function written(xml: string): string {
  const assertion = xml.slice(xml.indexOf('<Assertion'), xml.indexOf('</samlp:Response>'));
  return assertion.replace(/<ds:Signature .*<\/ds:Signature>/s, '');
}

describe('no value breaks out of its place', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    // Single UTF-16 units, lone surrogates among them.
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom('</AttributeValue>', '"/><x y="', ']]>', '<!--', '&#xD;', '\r\n', '\t', '\ufffe', '\0', '\u0085'),
  );
  const fields = fc.record({
    ...{ issuer: text, subject: text, roleArn: text, principalArn: text, roleSessionName: text },
    ...{ sourceIdentity: text, recipient: text, responseId: text, assertionId: text },
  });

  test('with any text in the fields: one assertion that reads back, or a RangeError', async () => {
    let minted = 0;
    await fc.assert(
      fc.asyncProperty(fields, async (overrides) => {
        const xml = await mintOrRefuse(overrides);
        if (xml === undefined) return;
        minted++;
        const { roleArn: role, principalArn: principal, ...others } = overrides;
        expect(readBack(xml)).toEqual({ ...others, role: `${role},${principal}` });
      }),
      { numRuns: 150 },
    );
    // Nine fields that all have to be legal: about one run in seven.
    expect(minted).toBeGreaterThan(0);
  });

  test('each value that was minted is verified by xml-crypto', async () => {
    const legal = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\u2028'));
    await fc.assert(
      fc.asyncProperty(legal, legal, legal, async (subject, roleSessionName, sourceIdentity) => {
        const xml = await mintOrRefuse({ subject, roleSessionName, sourceIdentity });
        if (xml !== undefined) expect(verified(xml)).toBe(written(xml));
      }),
      { numRuns: 50 },
    );
  });

  for (const bad of ['\0', '\t', '\n', '\r', '\x1f', '\x7f', '\x85', '\ud800', 'a\udc00', '\ufffe', '\uffff']) {
    for (const field of [
      'issuer',
      'subject',
      'roleArn',
      'principalArn',
      'roleSessionName',
      'sourceIdentity',
    ] as const) {
      test(`${field} with ${JSON.stringify(bad)} is a RangeError`, async () => {
        await expect(mint({ [field]: `x${bad}` })).rejects.toThrow(RangeError);
      });
    }
  }
});

async function mintOrRefuse(overrides: Partial<MintRequest>): Promise<string | undefined> {
  try {
    return await mint(overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

function readBack(xml: string) {
  const document = parse(xml);
  const [assertion, ...more] = all(document, 'Assertion');
  expect(more).toEqual([]);
  const attributes = attributesOf(document);
  expect(Object.values(attributes).map((list) => list.length)).toEqual([1, 1, 1]);
  const data = all(document, 'SubjectConfirmationData')[0]!;
  expect(document.documentElement.getAttribute('Destination')).toBe(data.getAttribute('Recipient'));
  // Role is one value; where the first ARN ends is for AWS to say, so the pair is compared as it was put together.
  const pairOf = attributes['Role']![0]!;
  return {
    issuer: textOf(assertion!, 'Issuer'),
    subject: textOf(document, 'NameID'),
    role: pairOf,
    roleSessionName: attributes['RoleSessionName']![0],
    sourceIdentity: attributes['SourceIdentity']![0],
    recipient: data.getAttribute('Recipient'),
    responseId: document.documentElement.getAttribute('ID'),
    assertionId: assertion!.getAttribute('ID'),
  };
}
