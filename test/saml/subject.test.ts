import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { judge, testAcceptances, testRefusals } from './support/refusals.ts';
import { acsUrl, at, confirmation, element } from './support/response-builder.ts';

const key = keyPair('idp-signing');

const holderOfKey = 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key';
const senderVouches = 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches';
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

describe('the bearer confirmation [Profiles §4.1.4.2–3]', () => {
  testAcceptances(
    () => key,
    [
      {
        name: 'a bearer confirmation with an Address',
        parts: { confirmations: confirmation({ Address: '192.0.2.1' }) },
      },
      {
        name: 'a good bearer confirmation behind one for another party',
        parts: { confirmations: confirmation({ Recipient: 'https://other.example.com/' }) + confirmation() },
      },
      {
        name: 'a good bearer confirmation beside holder-of-key',
        parts: { confirmations: confirmation({}, holderOfKey) + confirmation() },
      },
      {
        name: 'an unsolicited confirmation where one is expected',
        parts: { response: { InResponseTo: undefined }, confirmations: confirmation({ InResponseTo: undefined }) },
        expected: { inResponseTo: undefined },
      },
    ],
  );

  testRefusals(
    () => key,
    [
      {
        name: 'another Recipient',
        parts: { confirmations: confirmation({ Recipient: 'https://other.example.com/saml/acs' }) },
        reason: 'recipient',
      },
      {
        name: 'a Recipient that only begins like the ACS',
        parts: { confirmations: confirmation({ Recipient: `${acsUrl}?x` }) },
        reason: 'recipient',
      },
      {
        name: 'no Recipient, as in tokens of other protocols',
        parts: { confirmations: confirmation({ Recipient: undefined }) },
        reason: 'recipient',
      },
      { name: 'holder-of-key only', parts: { confirmations: confirmation({}, holderOfKey) }, reason: 'subject' },
      { name: 'sender-vouches only', parts: { confirmations: confirmation({}, senderVouches) }, reason: 'subject' },
      {
        name: 'a Method that differs in case',
        parts: { confirmations: confirmation({}, bearer.toUpperCase()) },
        reason: 'subject',
      },
      {
        name: 'no NotOnOrAfter',
        parts: { confirmations: confirmation({ NotOnOrAfter: undefined }) },
        reason: 'subject',
      },
      {
        name: 'NotOnOrAfter that is reached',
        parts: { confirmations: confirmation({ NotOnOrAfter: at(0) }) },
        reason: 'expired',
      },
      {
        name: 'NotOnOrAfter without zone',
        parts: { confirmations: confirmation({ NotOnOrAfter: '2026-03-02T09:05:00' }) },
        reason: 'malformed',
      },
      {
        name: 'NotBefore, although it has passed',
        parts: { confirmations: confirmation({ NotBefore: at(-60) }) },
        reason: 'subject',
      },
      {
        name: 'InResponseTo of another request',
        parts: { confirmations: confirmation({ InResponseTo: '_other' }) },
        reason: 'correlation',
      },
      {
        name: 'no InResponseTo, although the Response has it',
        parts: { confirmations: confirmation({ InResponseTo: undefined }) },
        reason: 'correlation',
      },
      {
        name: 'InResponseTo where nothing was asked [Profiles §4.1.5]',
        parts: { response: { InResponseTo: undefined } },
        expected: { inResponseTo: undefined },
        reason: 'correlation',
      },
      {
        name: 'no SubjectConfirmationData',
        parts: { confirmations: element('SubjectConfirmation', { Method: bearer }) },
        reason: 'subject',
      },
      { name: 'no SubjectConfirmation', parts: { confirmations: '' }, reason: 'subject' },
      { name: 'no Subject', parts: { subject: '' }, reason: 'subject' },
      {
        name: 'two Subjects',
        parts: { subject: element('Subject', {}, confirmation()).repeat(2) },
        reason: 'malformed',
      },
      {
        name: 'two confirmations of which each breaks another rule',
        parts: {
          confirmations:
            confirmation({ NotOnOrAfter: at(-1) }) + confirmation({ Recipient: 'https://other.example.com/' }),
        },
        reason: 'expired',
      },
      {
        name: 'an expired bearer confirmation beside a live holder-of-key',
        parts: { confirmations: confirmation({}, holderOfKey) + confirmation({ NotOnOrAfter: at(-1) }) },
        reason: 'expired',
      },
    ],
  );
});

describe('the NameID [Core §2.2.3]', () => {
  const nameId = (content: string, attributes = {}) => element('NameID', attributes, content);

  test('is kept with its qualifiers, less white space around it, for single logout [Core §3.7.1]', async () => {
    const attributes = {
      Format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      NameQualifier: 'http://adfs.example.com/',
      SPNameQualifier: 'urn:sp',
    };
    const assertion = await judge(key, { parts: { nameId: nameId(' CORP\\Ä&lt;b&gt; ', attributes) } });
    expect(assertion.nameId).toEqual({
      value: 'CORP\\Ä<b>',
      format: attributes.Format,
      nameQualifier: attributes.NameQualifier,
      spNameQualifier: attributes.SPNameQualifier,
    });
  });

  test('may be missing: policy can name a person by an attribute', async () => {
    expect((await judge(key, { parts: { nameId: '' } })).nameId).toBeUndefined();
  });

  test('is not taken from an attribute of that name where it is missing', async () => {
    const attributes =
      '<AttributeStatement><Attribute Name="nameID"><AttributeValue>root</AttributeValue></Attribute></AttributeStatement>';
    const assertion = await judge(key, { parts: { nameId: '', attributes } });
    expect(assertion.nameId).toBeUndefined();
  });

  testAcceptances(() => key, [{ name: '256 characters', parts: { nameId: nameId('a'.repeat(256)) } }]);

  testRefusals(
    () => key,
    [
      { name: 'two NameIDs', parts: { nameId: nameId('alice') + nameId('root') }, reason: 'malformed' },
      { name: 'an element inside the NameID', parts: { nameId: nameId('<x xmlns="urn:x"/>') }, reason: 'subject' },
      {
        name: 'text and an element in the NameID',
        parts: { nameId: nameId('al<x xmlns="urn:x"/>ice') },
        reason: 'malformed',
      },
      { name: 'an EncryptedID', parts: { nameId: '<EncryptedID></EncryptedID>' }, reason: 'encryption' },
      { name: 'a BaseID', parts: { nameId: '<BaseID></BaseID>' }, reason: 'subject' },
    ],
  );
});

describe('how long a replay mark has to live', () => {
  const expiryOf = async (confirmations: string) =>
    (await judge(key, { parts: { confirmations } })).expiresAt.getTime();
  const inSeconds = (seconds: number) => new Date(at(seconds)).getTime();

  test('is at least until the confirmation expires', async () => {
    expect(await expiryOf(confirmation())).toBeGreaterThanOrEqual(inSeconds(300));
  });

  test('is until the last of several confirmations expires, not the first', async () => {
    const [first, second] = [confirmation({ NotOnOrAfter: at(60) }), confirmation({ NotOnOrAfter: at(400) })];
    expect(await expiryOf(first + second)).toBeGreaterThanOrEqual(inSeconds(400));
  });

  test('is no longer than the assertion is young enough', async () => {
    const expiry = await expiryOf(confirmation({ NotOnOrAfter: '2199-01-01T00:00:00Z' }));
    expect(expiry).toBeGreaterThan(inSeconds(600));
    expect(expiry).toBeLessThan(inSeconds(660));
  });
});
