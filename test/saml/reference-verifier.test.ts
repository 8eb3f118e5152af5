import { createPrivateKey } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { type ReferenceInput, referenceInput } from '../../src/saml/reference-input.ts';
import { checkByReference } from '../../src/saml/reference-verifier.ts';
import { validateResponse } from '../../src/saml/validate-response.ts';
import { encrypt } from '../attacks/support/encrypt.ts';
import { keyPair } from '../support/key-pairs.ts';
import {
  attributeElement,
  attributeStatement,
  authnStatement,
  type BuildOptions,
  expectationsFor,
  groupClaim,
  now,
  type ResponseParts,
  responseXml,
  signedResponse,
  signingModes,
  toBase64,
} from './support/response-builder.ts';
import { signElement } from './support/sign-element.ts';

const key = keyPair('idp-signing');
const decryption = keyPair('sp-decryption');

function accepted(message: string): ReferenceInput {
  const expected = expectationsFor(key, { idp: { decryptionKeys: [createPrivateKey(decryption.key)] } });
  return referenceInput(validateResponse(message, expected, now));
}

const signed = (parts: Partial<ResponseParts> = {}, options: BuildOptions = {}) =>
  accepted(signedResponse(key, parts, options));

function encrypted(isInnerSigned: boolean): ReferenceInput {
  const inner = isInnerSigned ? signElement(responseXml(), 'Assertion', key) : responseXml();
  const sealed = inner.replace(/<Assertion .*<\/Assertion>/s, (xml) =>
    encrypt(xml, decryption, { block: 'aes-256-gcm' }),
  );
  return accepted(toBase64(signElement(sealed, 'Response', key)));
}

describe('the reference verifier agrees', () => {
  for (const mode of signingModes) {
    test(`with what was accepted with ${mode} signed`, async () => {
      expect(await checkByReference(signed({}, { mode }))).toEqual({ agrees: true });
    });
  }

  for (const isInnerSigned of [true, false]) {
    test(`with an encrypted assertion that is ${isInnerSigned ? '' : 'not '}signed itself`, async () => {
      expect(await checkByReference(encrypted(isInnerSigned))).toEqual({ agrees: true });
    });
  }

  const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  test.each(['', ' ', persistent, `\n  ${persistent} `])('with a NameID whose Format is %j', async (format) => {
    const nameId = `<NameID Format="${format.replace('\n', '&#10;')}">alice-7</NameID>`;
    expect(await checkByReference(signed({ nameId }))).toEqual({ agrees: true });
  });

  test('with ends of lines of any kind in an encrypted assertion', async () => {
    const sealed = responseXml({
      attributes: attributeStatement(attributeElement('\r\n \rname', 'a\r\nb\rc')),
    }).replace(/<Assertion .*<\/Assertion>/s, (xml) => encrypt(xml, decryption));
    expect(await checkByReference(accepted(toBase64(signElement(sealed, 'Response', key))))).toEqual({ agrees: true });
  });

  const values: readonly (readonly [string, Partial<ResponseParts>, BuildOptions?])[] = [
    ['a carriage return by reference, which xmldom turns into LF', { attributes: groups('a&#13;b', 'c&#13;&#10;d') }],
    [
      'white space, markup letters and letters beyond the BMP',
      { attributes: groups(' a\t', '&lt;&amp;&gt;"\'', '😀 ä') },
    ],
    ['values of white space and none', { attributes: groups('', ' ', '&#160;', 'a') }],
    ['a value with markup inside', { attributes: groups('a<x xmlns="urn:x">b</x>c', 'd') }],
    [
      'one Name in several elements',
      { attributes: attributeStatement(attributeElement('R', 'a'), attributeElement('R', 'b')) },
    ],
    [
      'a Name that objects have',
      { attributes: attributeStatement(attributeElement('__proto__', 'a'), attributeElement('toString', 'b')) },
    ],
    ['a NameID with white space around it', { nameId: '<NameID Format="urn:x">\n alice@corp.example\n</NameID>' }],
    ['no NameID', { nameId: '' }],
    ['a context with white space around it', { authnStatements: authnStatement({}, '\n urn:context\n') }],
    ['a PrefixList', {}, { inclusivePrefixes: ['xs', 'samlp'] }],
  ];
  for (const [name, parts, options] of values) {
    test(`on ${name}`, async () => {
      expect(await checkByReference(signed(parts, options))).toEqual({ agrees: true });
    });
  }

  test('during rollover, whichever of the keys has signed', async () => {
    for (const signingCertificates of [
      [decryption.cert, key.cert],
      [key.cert, decryption.cert],
    ]) {
      const expected = expectationsFor(key, { idp: { signingCertificates } });
      const input = referenceInput(validateResponse(signedResponse(key), expected, now));
      expect(await checkByReference(input)).toEqual({ agrees: true });
    }
  });

  test('in a worker thread, to which the input can be sent as it is', async () => {
    const input = signed();
    const code = `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', (input) => parentPort.postMessage(input));`;
    const worker = new Worker(code, { eval: true });
    const back = new Promise<ReferenceInput>((resolve) => worker.once('message', resolve));
    worker.postMessage(input);
    expect(await checkByReference(await back)).toEqual({ agrees: true });
    expect(JSON.parse(JSON.stringify(input))).toEqual(JSON.parse(JSON.stringify(await back)));
    await worker.terminate();
  });
});

describe('the reference verifier rejects', () => {
  const changes: readonly (readonly [string, RegExp, (input: ReferenceInput) => ReferenceInput])[] = [
    ['another value', /other values of nameId/, (input) => withValue(input, 'nameId', 'admin@corp.example')],
    ['a value more', /attribute http:.*Group/, (input) => withValue(input, `attribute ${groupClaim}`, ['CORP\\Admin'])],
    ['an attribute more', /attribute x/, (input) => withValue(input, 'attribute x', ['y'])],
    ['another context', /contexts/, (input) => withValue(input, 'contexts', ['https://refeds.org/profile/mfa'])],
    ['an earlier AuthnInstant', /authnInstant/, (input) => withValue(input, 'authnInstant', new Date(0).toISOString())],
    [
      'other octets',
      /other octets were signed/,
      (input) => withEvidence(input, { assertionOctets: input.evidence.assertionOctets?.replace('alice', 'admin') }),
    ],
    [
      'a signature that we missed',
      /for one verifier only/,
      (input) => withEvidence(input, { assertionOctets: undefined }),
    ],
    [
      'a message that was changed',
      /does not verify|other octets/,
      (input) => withEvidence(input, { xml: input.evidence.xml.replace('alice@', 'admin@') }),
    ],
    ['another key', /does not verify/, (input) => withEvidence(input, { signingCertificates: [decryption.cert] })],
    ['no key', /does not verify/, (input) => withEvidence(input, { signingCertificates: [] })],
    ['what is no XML', /./, (input) => withEvidence(input, { xml: 'x' })],
  ];
  for (const [name, difference, change] of changes) {
    test(name, async () => {
      const verdict = await checkByReference(change(signed()));
      expect(verdict).toEqual({ agrees: false, difference: expect.stringMatching(difference) });
      expect(JSON.stringify(verdict)).not.toContain('@corp.example');
    });
  }
});

function groups(...values: readonly string[]): string {
  return attributeStatement(attributeElement(groupClaim, ...values));
}

function withValue(input: ReferenceInput, name: string, value: string | readonly string[]): ReferenceInput {
  return { ...input, values: { ...input.values, [name]: value } };
}

function withEvidence(input: ReferenceInput, change: Partial<ReferenceInput['evidence']>): ReferenceInput {
  return { ...input, evidence: { ...input.evidence, ...change } };
}
