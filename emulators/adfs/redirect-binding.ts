// The HTTP-Redirect binding in both directions: raw query in, signed URL out (Bindings §3.4).

import { createSign, createVerify, X509Certificate } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { signatureAlgorithms } from './names.ts';
import type { XmlSignatureAlgorithm } from './types.ts';

/** Inflated messages above this are refused; a request of a real party has a few kilobytes. */
const maxMessageBytes = 256 * 1024;

/** A query string by its still encoded octets; a name that comes twice is refused. */
export type RawQuery = ReadonlyMap<string, string>;

/** What the Redirect binding carried. */
export interface RedirectMessage {
  readonly xml: string;
  readonly relayState: string | undefined;
  readonly signature: { readonly algorithm: string; readonly value: Buffer; readonly octets: string } | undefined;
}

/**
 * Splits a raw query.
 *
 * @throws Error when a parameter comes twice: two readers could pick two different ones
 */
export function parseRawQuery(query: string): RawQuery {
  const parameters = new Map<string, string>();
  for (const token of query.split('&').filter((part) => part !== '')) {
    const equals = token.indexOf('=');
    const name = equals < 0 ? token : token.slice(0, equals);
    if (parameters.has(name)) throw new Error(`${name} comes twice in the query`);
    parameters.set(name, equals < 0 ? '' : token.slice(equals + 1));
  }
  return parameters;
}

/** A parameter with its percent-escapes and plus signs decoded. */
function decodeParameter(query: RawQuery, name: string): string | undefined {
  const raw = query.get(name);
  return raw === undefined ? undefined : decodeURIComponent(raw.replaceAll('+', ' '));
}

/**
 * Reads SAMLRequest or SAMLResponse.
 *
 * @throws Error when it cannot be decoded or is too large
 */
export function readRedirectMessage(query: RawQuery, parameter: 'SAMLRequest' | 'SAMLResponse'): RedirectMessage {
  const deflated = Buffer.from(decodeParameter(query, parameter) ?? '', 'base64');
  const xml = inflateRawSync(deflated, { maxOutputLength: maxMessageBytes }).toString('utf8');
  const relayState = decodeParameter(query, 'RelayState');
  const value = decodeParameter(query, 'Signature');
  if (value === undefined) return { xml, relayState, signature: undefined };
  // Bindings §3.4.4.1: the original URL-encoded octets, in this order; peers differ in how they escape.
  const octets = [parameter, 'RelayState', 'SigAlg']
    .filter((name) => query.has(name))
    .map((name) => `${name}=${query.get(name)}`)
    .join('&');
  const algorithm = decodeParameter(query, 'SigAlg') ?? '';
  return { xml, relayState, signature: { algorithm, value: Buffer.from(value, 'base64'), octets } };
}

/** Whether one of the PEM certificates made this signature. */
export function verifyRedirectSignature(
  signature: NonNullable<RedirectMessage['signature']>,
  certificates: readonly string[],
): boolean {
  const digest = nodeDigest(signature.algorithm);
  if (digest === undefined) return false;
  return certificates.some((certificate) =>
    createVerify(digest).update(signature.octets).verify(new X509Certificate(certificate).publicKey, signature.value),
  );
}

/** The URL that carries a message, signed over exactly the octets it emits. */
export function buildRedirectUrl(input: {
  readonly location: string;
  readonly parameter: 'SAMLRequest' | 'SAMLResponse';
  readonly xml: string;
  readonly relayState?: string | undefined;
  readonly key: string;
  readonly algorithm?: XmlSignatureAlgorithm | undefined;
}): string {
  const algorithm = signatureAlgorithms[input.algorithm ?? 'rsa-sha256'];
  const parts = [`${input.parameter}=${escapeLikeDotNet(deflateRawSync(input.xml).toString('base64'))}`];
  if (input.relayState !== undefined) parts.push(`RelayState=${escapeLikeDotNet(input.relayState)}`);
  parts.push(`SigAlg=${escapeLikeDotNet(algorithm)}`);
  const octets = parts.join('&');
  const signature = createSign(nodeDigest(algorithm) ?? '')
    .update(octets)
    .sign(input.key, 'base64');
  const separator = input.location.includes('?') ? '&' : '?';
  return `${input.location}${separator}${octets}&Signature=${escapeLikeDotNet(signature)}`;
}

function nodeDigest(algorithm: string): string | undefined {
  if (algorithm === signatureAlgorithms['rsa-sha256']) return 'RSA-SHA256';
  return algorithm === signatureAlgorithms['rsa-sha1'] ? 'RSA-SHA1' : undefined;
}

/**
 * .NET writes percent-escapes in lower case and a space as plus, which a peer only verifies when it keeps the received
 * octets. The apostrophe has to be escaped: browsers would do it on the way, and so break the signature.
 */
function escapeLikeDotNet(value: string): string {
  return encodeURIComponent(value)
    .replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())
    .replaceAll('%20', '+')
    .replaceAll("'", '%27')
    .replaceAll('~', '%7e');
}
