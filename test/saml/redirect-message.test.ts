import { describe, expect, test } from 'vitest';
import { attributeOf } from '../../src/saml/xml/xml-tree.ts';
import { keyPair } from '../support/key-pairs.ts';
import {
  escapeLikeDotNet,
  logoutRequest,
  logoutResponse,
  postedMessage,
  redirectedQuery,
  sigAlgs,
} from './support/logout-builder.ts';
import { partOf, type RefusedQuery, receiveQuery, replaceValue, thrownBy, without } from './support/redirected.ts';
import { refusal } from './support/refusals.ts';
import { idpEntityId } from './support/response-builder.ts';

const [key, stranger, next] = [keyPair('idp-signing'), keyPair('stranger'), keyPair('idp-signing-next')];

const request = logoutRequest();

describe('a redirected logout message is accepted', () => {
  const accepted: readonly { name: string; query: () => string; certificates?: () => string[] }[] = [
    { name: 'signed with rsa-sha256', query: () => redirectedQuery(key, request) },
    {
      name: 'signed with rsa-sha512',
      query: () => redirectedQuery(key, request, { sigAlg: sigAlgs.sha512, hash: 'sha512' }),
    },
    {
      name: 'escaped as .NET does, in lower case and with plus for a space',
      query: () => redirectedQuery(key, request, { encode: escapeLikeDotNet, relayState: 'one two/three' }),
    },
    {
      name: 'escaped more than needed',
      query: () =>
        redirectedQuery(key, request, {
          encode: (value) => value.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`),
        }),
    },
    {
      name: 'with its parameters in another order [Bindings §3.4.4.1: the order of signing is fixed]',
      query: () => redirectedQuery(key, request, { relayState: 'state' }).split('&').reverse().join('&'),
    },
    {
      name: 'beside a parameter that is not SAML',
      query: () => `client-request-id=1&${redirectedQuery(key, request)}&`,
    },
    {
      name: 'with SAMLEncoding for DEFLATE',
      query: () =>
        `${redirectedQuery(key, request)}&SAMLEncoding=urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE`,
    },
    {
      name: 'signed with the second of two current keys',
      query: () => redirectedQuery(next, request),
      certificates: () => [key.cert, next.cert],
    },
  ];
  for (const { name, query, certificates } of accepted) {
    test(name, () => {
      const { message, root } = receiveQuery(query(), certificates?.() ?? [key.cert]);
      expect(message).toMatchObject({ kind: 'LogoutRequest', claimedIssuer: idpEntityId });
      expect(attributeOf(root, 'ID')).toBe('_logout');
    });
  }

  test('with RelayState decoded, and none where there was none', () => {
    const relayState = "a b+c/ä'()!~*";
    expect(receiveQuery(redirectedQuery(key, request, { relayState }), [key.cert]).message.relayState).toBe(relayState);
    const dotNet = redirectedQuery(key, request, { relayState: 'a b', encode: escapeLikeDotNet });
    expect(dotNet).toContain('RelayState=a+b');
    expect(receiveQuery(dotNet, [key.cert]).message.relayState).toBe('a b');
    expect(receiveQuery(redirectedQuery(key, request), [key.cert]).message.relayState).toBeUndefined();
  });

  test('as a LogoutResponse', () => {
    const { message, root } = receiveQuery(redirectedQuery(key, logoutResponse()), [key.cert]);
    expect(message.kind).toBe('LogoutResponse');
    expect(attributeOf(root, 'InResponseTo')).toBe('_pending');
  });
});

const signatures: readonly RefusedQuery[] = [
  {
    name: 'without SigAlg and Signature',
    reason: 'signature',
    query: () => without(without(redirectedQuery(key, request), 'Signature'), 'SigAlg'),
  },
  { name: 'without Signature', reason: 'signature', query: () => without(redirectedQuery(key, request), 'Signature') },
  { name: 'without SigAlg', reason: 'signature', query: () => without(redirectedQuery(key, request), 'SigAlg') },
  {
    name: 'with an empty Signature',
    reason: 'signature',
    query: () => replaceValue(redirectedQuery(key, request), 'Signature', ''),
  },
  {
    name: 'with a Signature that has no value',
    reason: 'signature',
    query: () => `${without(redirectedQuery(key, request), 'Signature')}&Signature`,
  },
  {
    name: 'signed with rsa-sha1',
    reason: 'algorithm',
    query: () => redirectedQuery(key, request, { sigAlg: sigAlgs.sha1, hash: 'sha1' }),
  },
  {
    name: 'signed with rsa-md5',
    reason: 'algorithm',
    query: () => redirectedQuery(key, request, { sigAlg: sigAlgs.md5, hash: 'md5' }),
  },
  ...[
    'junk#RSA-SHA256',
    'http://evil.example/#rsa-sha256',
    ` ${sigAlgs.sha256}`,
    `${sigAlgs.sha256} `,
    'RSA-SHA256',
  ].map((sigAlg) => ({
    name: `with the SigAlg "${sigAlg}", really signed with SHA-256`,
    reason: 'algorithm' as const,
    query: () => redirectedQuery(key, request, { sigAlg }),
  })),
  ...['__proto__', 'constructor', 'toString'].map((sigAlg) => ({
    name: `with the SigAlg ${sigAlg}`,
    reason: 'algorithm' as const,
    query: () => redirectedQuery(key, request, { sigAlg }),
  })),
  {
    name: 'that says rsa-sha512 and was signed with SHA-256',
    reason: 'signature',
    query: () => redirectedQuery(key, request, { sigAlg: sigAlgs.sha512 }),
  },
  { name: 'signed with another key', reason: 'signature', query: () => redirectedQuery(stranger, request) },
  {
    name: 'with the RelayState exchanged',
    reason: 'signature',
    query: () => replaceValue(redirectedQuery(key, request, { relayState: 'one' }), 'RelayState', 'two'),
  },
  {
    name: 'with the RelayState taken out',
    reason: 'signature',
    query: () => without(redirectedQuery(key, request, { relayState: 'one' }), 'RelayState'),
  },
  {
    name: 'with a RelayState put in',
    reason: 'signature',
    query: () => `${redirectedQuery(key, request)}&RelayState=two`,
  },
  {
    name: 'escaped anew on the way, the same text in other octets',
    reason: 'signature',
    query: () => {
      const query = redirectedQuery(key, request);
      return replaceValue(query, 'SigAlg', partOf(query, 'SigAlg').slice(7).toLowerCase());
    },
  },
  {
    name: 'with the Signature of another genuine message [G21: donor]',
    reason: 'signature',
    query: () => {
      const donor = partOf(redirectedQuery(key, logoutResponse()), 'Signature');
      return `${without(redirectedQuery(stranger, request), 'Signature')}&${donor}`;
    },
  },
  {
    name: 'signed inside, as for POST, and not in the URL',
    reason: 'signature',
    query: () => {
      const inside = Buffer.from(postedMessage(key, request), 'base64').toString();
      return without(without(redirectedQuery(key, inside), 'Signature'), 'SigAlg');
    },
  },
];

const parameters: readonly RefusedQuery[] = [
  {
    name: 'a percent-encoded name in front, with a forged request [G21]',
    reason: 'malformed',
    query: () => {
      const forged = partOf(redirectedQuery(stranger, logoutRequest({ nameId: '<NameID/>' })), 'SAMLRequest');
      return `SAML%52equest=${forged.slice(12)}&${redirectedQuery(key, logoutResponse())}`;
    },
  },
  {
    name: 'its own name percent-encoded',
    reason: 'malformed',
    query: () => redirectedQuery(key, request).replace('SAMLRequest=', '%53AMLRequest='),
  },
  ...['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'].map((name) => ({
    name: `${name} twice, the same value`,
    reason: 'malformed' as const,
    query: () => {
      const query = redirectedQuery(key, request, { relayState: 'one' });
      return `${query}&${partOf(query, name)}`;
    },
  })),
  {
    name: 'a forged SAMLRequest before the genuine one',
    reason: 'malformed',
    query: () => {
      const forged = partOf(redirectedQuery(stranger, logoutRequest()), 'SAMLRequest');
      return `${forged}&${redirectedQuery(key, request)}`;
    },
  },
  {
    name: 'SAMLRequest and a genuine SAMLResponse together [G21]',
    reason: 'malformed',
    query: () =>
      `${partOf(redirectedQuery(stranger, request), 'SAMLRequest')}&${redirectedQuery(key, logoutResponse())}`,
  },
  { name: 'neither', reason: 'malformed', query: () => without(redirectedQuery(key, request), 'SAMLRequest') },
  { name: 'nothing at all', reason: 'malformed', query: () => '' },
  {
    name: 'the name in another case',
    reason: 'malformed',
    query: () => redirectedQuery(key, request).replace('SAMLRequest', 'samlrequest'),
  },
  {
    name: 'a name that only contains the right one',
    reason: 'malformed',
    query: () => redirectedQuery(key, request).replace('SAMLRequest', 'xSAMLRequest'),
  },
  {
    name: 'another SAMLEncoding',
    reason: 'malformed',
    query: () => `${redirectedQuery(key, request)}&SAMLEncoding=urn:example:none`,
  },
  { name: 'a raw byte above ASCII', reason: 'malformed', query: () => `${redirectedQuery(key, request)}&x=\u00e9` },
  {
    name: 'a LogoutRequest in SAMLResponse',
    reason: 'malformed',
    query: () => redirectedQuery(key, request, { parameter: 'SAMLResponse' }),
  },
  {
    name: 'a LogoutResponse in SAMLRequest',
    reason: 'malformed',
    query: () => redirectedQuery(key, logoutResponse(), { parameter: 'SAMLRequest' }),
  },
];

describe.each([
  ['signature', signatures],
  ['parameters', parameters],
])('a redirected logout message is refused for its %s', (_, cases) => {
  for (const { name, reason, query } of cases) {
    test(name, () => {
      expect(thrownBy(() => receiveQuery(query(), [key.cert]))).toMatchObject(refusal(reason));
    });
  }
});
