import { beforeAll, describe, expect, test } from 'vitest';
import type { SamlReason } from '../../../src/errors.ts';
import { type PostedLogoutForm, readPostedLogout } from '../../../src/saml/logout/logout-message.ts';
import { attributeOf } from '../../../src/saml/xml/xml-tree.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { logoutRequest, logoutResponse, postedMessage, sigAlgs } from '../support/logout-builder.ts';
import { thrownBy } from '../support/redirected.ts';
import { refusal } from '../support/refusals.ts';
import { idpEntityId, toBase64 } from '../support/response-builder.ts';

let key: KeyPair;
let stranger: KeyPair;
beforeAll(async () => {
  [key, stranger] = [keyPair('idp-signing'), keyPair('stranger')] as [KeyPair, KeyPair];
});

const request = logoutRequest();
const response = logoutResponse();
const post = (SAMLRequest: string): PostedLogoutForm => ({ SAMLRequest });
const naming = (sessions: number) =>
  request.replace(/<samlp:SessionIndex>.*<\/samlp:SessionIndex>/, (one) => one.repeat(sessions));
const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');

function receive(form: PostedLogoutForm) {
  const message = readPostedLogout(form);
  return { message, root: message.verified([key.cert]) };
}

describe('a posted logout message is accepted', () => {
  test('as a signed LogoutRequest, with its RelayState', () => {
    const { message, root } = receive({ SAMLRequest: postedMessage(key, request), RelayState: 'a b+c' });
    expect(message).toMatchObject({ kind: 'LogoutRequest', claimedIssuer: idpEntityId, relayState: 'a b+c' });
    expect(attributeOf(root, 'ID')).toBe('_logout');
    expect(root.children.map(({ name }) => name)).toEqual(['Issuer', 'NameID', 'SessionIndex']);
  });

  test('as a signed LogoutResponse', () => {
    const { message, root } = receive({ SAMLResponse: postedMessage(key, response) });
    expect(message).toMatchObject({ kind: 'LogoutResponse', relayState: undefined });
    expect(attributeOf(root, 'InResponseTo')).toBe('_pending');
  });

  test('signed with rsa-sha512 and sha512, its base64 in lines', () => {
    const options = { signatureAlgorithm: sigAlgs.sha512, digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512' };
    const lines = postedMessage(key, request, options).replace(/.{76}/g, '$&\r\n');
    expect(attributeOf(receive(post(lines)).root, 'ID')).toBe('_logout');
  });

  test('that names 250 sessions, with a Signature', () => {
    expect(receive(post(postedMessage(key, naming(250)))).root.children).toHaveLength(252);
  });

  test('signed with the second of two current keys', () => {
    const message = readPostedLogout(post(postedMessage(key, request)));
    expect(attributeOf(message.verified([stranger.cert, key.cert]), 'ID')).toBe('_logout');
  });
});

const forged = logoutRequest({ message: { ID: '_forged' } });
const signatureOf = (xml: string) => /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)![0];

/** The genuine request hidden in a forged one. */
function wrapped(place: (genuine: string, signature: string) => string): string {
  const genuine = decode(postedMessage(key, request));
  return toBase64(place(genuine, signatureOf(genuine)));
}

const extensions = (content: string) => `<samlp:Extensions>${content}</samlp:Extensions>`;

const refused: readonly { name: string; reason: SamlReason; form: () => PostedLogoutForm }[] = [
  { name: 'that names 300 sessions', reason: 'too_large', form: () => post(postedMessage(key, naming(300))) },
  { name: 'that is not signed', reason: 'signature', form: () => post(toBase64(request)) },
  { name: 'signed by another key', reason: 'signature', form: () => post(postedMessage(stranger, request)) },
  {
    name: 'changed after it was signed',
    reason: 'signature',
    form: () => post(postedMessage(key, request, { editSigned: (xml) => xml.replace('>alice@', '>bob@') })),
  },
  {
    name: 'signed with rsa-sha1',
    reason: 'algorithm',
    form: () => post(postedMessage(key, request, { signatureAlgorithm: sigAlgs.sha1 })),
  },
  {
    name: 'with a sha1 digest',
    reason: 'algorithm',
    form: () => post(postedMessage(key, request, { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' })),
  },
  {
    name: 'signed with the certificate as HMAC secret',
    reason: 'algorithm',
    form: () =>
      post(
        postedMessage(key, request, {
          hmac: true,
          signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
        }),
      ),
  },
  {
    name: 'with inclusive canonicalization',
    reason: 'algorithm',
    form: () =>
      post(
        postedMessage(key, request, {
          canonicalizationAlgorithm: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
        }),
      ),
  },
  {
    name: 'whose Signature is that of another genuine message',
    reason: 'signature',
    form: () => {
      const donor = signatureOf(decode(postedMessage(key, response)));
      return post(toBase64(request.replace('</Issuer>', `</Issuer>${donor}`)));
    },
  },
  {
    name: 'whose Signature refers to a genuine message inside [wrapping]',
    reason: 'signature',
    form: () =>
      post(
        wrapped((genuine, signature) =>
          forged.replace(
            '</Issuer>',
            `</Issuer>${signature}${extensions(genuine.replace(signature, '').replace(/<\?xml.*?\?>/, ''))}`,
          ),
        ),
      ),
  },
  {
    name: 'around a genuine one that keeps its Signature [wrapping]',
    reason: 'malformed',
    form: () => post(wrapped((genuine) => forged.replace('</Issuer>', `</Issuer>${extensions(genuine)}`))),
  },
  {
    name: 'with two Signatures',
    reason: 'malformed',
    form: () =>
      post(
        postedMessage(key, request, {
          editSigned: (xml) => xml.replace('</ds:Signature>', (end) => end + signatureOf(xml)),
        }),
      ),
  },
  {
    name: 'with an ID twice',
    reason: 'malformed',
    form: () => post(postedMessage(key, logoutRequest({ extra: extensions('<x:y xmlns:x="urn:x" ID="_logout"/>') }))),
  },
  {
    name: 'with a comment',
    reason: 'malformed',
    form: () => post(postedMessage(key, logoutRequest({ extra: '<!---->' }))),
  },
  {
    name: 'with text between elements',
    reason: 'malformed',
    form: () => post(postedMessage(key, logoutRequest({ extra: 'text' }))),
  },
  {
    name: 'with a DOCTYPE',
    reason: 'malformed',
    form: () => post(postedMessage(key, request, { editSigned: (xml) => `<!DOCTYPE samlp:LogoutRequest>${xml}` })),
  },
  {
    name: 'of another kind than its field says',
    reason: 'malformed',
    form: () => ({ SAMLResponse: postedMessage(key, request) }),
  },
  {
    name: 'in both fields',
    reason: 'malformed',
    form: () => ({ SAMLRequest: postedMessage(key, request), SAMLResponse: postedMessage(key, response) }),
  },
  ...(['SAMLRequest', 'RelayState'] as const).map((field) => ({
    name: `with ${field} twice`,
    reason: 'malformed' as const,
    form: () => {
      const good = { SAMLRequest: postedMessage(key, request), RelayState: 'state' };
      return { ...good, [field]: [good[field], good[field]] };
    },
  })),
  { name: 'that is not there', reason: 'malformed', form: () => ({ RelayState: 'state' }) },
  { name: 'that is empty', reason: 'malformed', form: () => post('') },
  { name: 'that is not base64', reason: 'malformed', form: () => post(`${postedMessage(key, request)}*`) },
  {
    name: 'in base64url',
    reason: 'malformed',
    form: () => post(postedMessage(key, request).replace(/.{3}=*$/, '-_A=')),
  },
  {
    name: 'above 64 KB',
    reason: 'too_large',
    form: () =>
      post(postedMessage(key, logoutRequest({ extra: extensions(`<x xmlns="urn:x">${'x'.repeat(65_536)}</x>`) }))),
  },
];

describe('a posted logout message is refused', () => {
  for (const { name, reason, form } of refused) {
    test(name, () => {
      expect(thrownBy(() => receive(form()))).toMatchObject(refusal(reason));
    });
  }
});
