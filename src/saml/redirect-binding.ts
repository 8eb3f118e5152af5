// The HTTP-Redirect binding (Bindings §3.4), the sending side. The signature is made over the very octets of the URL.
import { deflateRawSync } from 'node:zlib';
import type { Signer } from '../signer.ts';
import { rsaSha256 } from './names.ts';

export interface RedirectMessage {
  readonly destination: string;
  readonly parameter: 'SAMLRequest' | 'SAMLResponse';
  readonly xml: string;
  /** At most 80 bytes (Bindings §3.4.3). */
  readonly relayState: string | undefined;
  readonly signer: Signer | undefined;
}

/** @throws BrokerError signing_unavailable or signing_refused */
export async function redirectUrl(redirect: RedirectMessage): Promise<string> {
  const { destination, parameter, xml, relayState, signer } = redirect;
  const message = encodeURIComponent(deflateRawSync(Buffer.from(xml, 'utf8')).toString('base64'));
  let query = `${parameter}=${message}`;
  if (relayState !== undefined) query += `&RelayState=${encodeOctets(relayState)}`;
  if (signer) {
    // Bindings §3.4.4.1: message, RelayState, SigAlg, in this order and in this encoding.
    query += `&SigAlg=${encodeURIComponent(rsaSha256)}`;
    const signature = Buffer.from(await signer.sign(Buffer.from(query))).toString('base64');
    query += `&Signature=${encodeURIComponent(signature)}`;
  }
  return destination + (destination.includes('?') ? '&' : '?') + query;
}

// Browsers escape an apostrophe on the way, and that would break the signature: nothing is left for them to escape.
function encodeOctets(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
