// The receiving side of the HTTP-Redirect binding (Bindings §3.4.4). The signature is verified over the very octets from
// which the message is then read: each parameter is found once, by its plain name, in the query as it was received.
import { verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { requireSaml, samlRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { decodeBase64, decodeUtf8 } from './gate.ts';
import {
  described,
  gateLogout,
  maxLogoutBytes,
  onlyMessage,
  type ReceivedLogoutMessage,
} from './logout/logout-message.ts';
import { ns } from './names.ts';
import { publicKeyOf, unknownKey } from './xml/verify-signature.ts';
import { onlyChild } from './xml/xml-tree.ts';

const maxQueryLength = 128 * 1024;
const deflateEncoding = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

// Compared as whole URIs: what merely ends in rsa-sha256 is something else.
const hashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
};

/**
 * @param rawQuery the part after the `?` of the request target, untouched
 * @throws BrokerError saml_refused `malformed`, `too_large`, `algorithm` or `signature`
 */
export function readRedirectedLogout(rawQuery: string): ReceivedLogoutMessage {
  // The parameters by name, values still encoded.
  requireSaml(rawQuery.length <= maxQueryLength, 'too_large', 'query above the size limit');
  requireSaml(/^[\x21-\x7e]*$/.test(rawQuery), 'malformed', 'query holds what a URL cannot');
  const raw = new Map<string, string>();
  for (const part of rawQuery.split('&')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    // A name that another reader decodes to one of these makes it read another message than the one verified here.
    requireSaml(/^[A-Za-z0-9_.~-]*$/.test(name), 'malformed', 'parameter name is encoded');
    requireSaml(!raw.has(name) || name === '', 'malformed', 'duplicate parameter');
    raw.set(name, equals < 0 ? '' : part.slice(equals + 1));
  }
  const { parameter, value } = onlyMessage(raw.get('SAMLRequest'), raw.get('SAMLResponse'));
  const encoding = decoded(raw, 'SAMLEncoding') ?? deflateEncoding;
  requireSaml(encoding === deflateEncoding, 'malformed', 'SAMLEncoding is not DEFLATE');
  const { hash, signature } = readSignature(raw);
  const root = gateLogout(inflate(decodeBase64(percentDecoded(value), parameter)), parameter);
  // Bindings §3.4.4.1: the signature is in the URL; one inside the message MUST have been removed.
  requireSaml(!onlyChild(root, ns.signature, 'Signature'), 'malformed', 'Signature inside a redirected message');
  const octets = Buffer.from(signedOctets(raw, parameter), 'latin1');
  return {
    ...described(root, parameter),
    relayState: decoded(raw, 'RelayState'),
    verified: (certificates) => {
      const isSigned = certificates.some((pem) => verify(hash, octets, publicKeyOf(pem), signature));
      if (!isSigned) throw unknownKey();
      return root;
    },
  };
}

function readSignature(raw: ReadonlyMap<string, string>): { hash: string; signature: Buffer } {
  const algorithm = decoded(raw, 'SigAlg');
  const value = decoded(raw, 'Signature');
  if (!algorithm || !value) throw samlRefusal('signature', 'the message is not signed');
  const hash = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined;
  if (hash === undefined) {
    throw samlRefusal('algorithm', 'SigAlg not allowed', { algorithm: quoted(algorithm) });
  }
  return { hash, signature: decodeBase64(value, 'Signature') };
}

// Bindings §3.4.4.1: the original URL-encoded values, in this order. Peers differ in how they escape.
function signedOctets(raw: ReadonlyMap<string, string>, parameter: string): string {
  return [parameter, 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)}`)
    .join('&');
}

function decoded(raw: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = raw.get(name);
  return value === undefined ? undefined : percentDecoded(value);
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    throw samlRefusal('malformed', 'a parameter is not percent-encoded UTF-8');
  }
}

function inflate(deflated: Buffer): string {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    // With `info` zlib also says how much of the input it used; the types do not know it.
    const options = { maxOutputLength: maxLogoutBytes, info: true };
    result = inflateRawSync(deflated, options) as unknown as typeof result;
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw samlRefusal(isTooLong ? 'too_large' : 'malformed', 'message cannot be inflated');
  }
  requireSaml(result.engine.bytesWritten === deflated.length, 'malformed', 'octets after the deflated message');
  return decodeUtf8(result.buffer);
}
