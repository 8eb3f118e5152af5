// One pending login of one browser, and messages that answer it.
import { inflateRawSync } from 'node:zlib';
import {
  type BuildOptions,
  idpEntityId,
  type ResponseParts,
  responseXml,
  type SigningMode,
  toBase64,
} from '../../saml/support/response-builder.ts';
import { signElement } from '../../saml/support/sign-element.ts';
import { entityIds, type IdpId, type Target } from './target.ts';
import type { Cookies } from './wire.ts';

export interface Login {
  readonly idp: IdpId;
  /** Of our AuthnRequest. */
  readonly requestId: string;
  readonly relayState: string;
  readonly cookies: Cookies;
}

/** Begins a sign-in and stops where the identity provider would take over. */
export async function beginLogin(target: Target, idp: IdpId, cookies: Cookies = new Map(), more = ''): Promise<Login> {
  const answer = await target.wire.get(`/login?idp=${idp}${more}`, cookies);
  if (answer.status !== 303) throw new Error(`no redirect to the identity provider: ${answer.status} ${answer.body}`);
  const query = new URL(answer.location!).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest')!, 'base64')).toString('utf8');
  return { idp, requestId: /\sID="([^"]+)"/.exec(request)![1]!, relayState: query.get('RelayState')!, cookies };
}

let made = 0;

/**
 * Makes a text of the response builder an answer to this sign-in: its request, its identity provider, and new ids,
 * since an assertion that was accepted is never accepted again.
 */
function answering(login: Pick<Login, 'idp' | 'requestId'>): (xml: string) => string {
  const suffix = `-${++made}`;
  return (xml) =>
    xml
      .replace(/\b_(assertion|response)\b/g, `$&${suffix}`)
      .replace(/\b_request\b/g, login.requestId)
      .replaceAll(idpEntityId, entityIds[login.idp]);
}

/** As signedXml of the response builder, for this login; between the two signatures the Assertion may be encrypted. */
export function answerXml(
  target: Target,
  login: Login,
  mode: SigningMode,
  parts: Partial<ResponseParts> = {},
  options: BuildOptions & { readonly seal?: ((assertion: string) => string) | undefined } = {},
): string {
  const key = target.keys[login.idp];
  let xml = answering(login)(options.editUnsigned?.(responseXml(parts)) ?? responseXml(parts));
  if (mode === 'assertion' || mode === 'both') xml = signElement(xml, 'Assertion', key, options);
  if (options.seal) xml = xml.replace(/<Assertion .*<\/Assertion>/s, options.seal);
  if (mode === 'response' || mode === 'both') xml = signElement(xml, 'Response', options.responseKey ?? key, options);
  return options.editSigned?.(xml) ?? xml;
}

/** The form that an identity provider's page posts to the ACS. */
export function formFor(login: Login, xml: string): URLSearchParams {
  return new URLSearchParams({ SAMLResponse: toBase64(xml), RelayState: login.relayState });
}
