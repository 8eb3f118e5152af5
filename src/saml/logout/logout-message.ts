// LogoutRequest and LogoutResponse as they are received: the gate that both bindings share, and the POST binding (Bindings
// §3.5). The Redirect binding is redirect-message.ts. What a verified message means is judged in logout-request.ts and
// logout-response.ts.
import { requireSaml, samlRefusal } from '../../errors.ts';
import { checkIds, checkSignaturePlace, checkText, decodeMessage } from '../gate.ts';
import { ns } from '../names.ts';
import { checkedSignature } from '../xml/signature-shape.ts';
import { verifyEnveloped } from '../xml/verify-signature.ts';
import { messageLimits, readXml } from '../xml/xml-reader.ts';
import type { XmlLimits } from '../xml/xml-start-tag.ts';
import { attributeOf, isElement, onlyChild, walk, type XmlElement } from '../xml/xml-tree.ts';

/** Decoded. */
export const maxLogoutBytes = 64 * 1024;

/** Some 250 sessions of one person, a Signature and a chain of certificates. Anyone can send such a message, in 600 bytes of a URL. */
const logoutLimits: XmlLimits = { ...messageLimits, maxElements: 320, maxChildren: 260 };

const rootNames = { SAMLRequest: 'LogoutRequest', SAMLResponse: 'LogoutResponse' } as const;
export type LogoutParameter = keyof typeof rootNames;
export type LogoutKind = (typeof rootNames)[LogoutParameter];

export interface ClaimedLogoutMessage {
  readonly kind: LogoutKind;
  /** Not verified: it can only choose whose keys and rules apply. */
  readonly claimedIssuer: string | undefined;
  /** Not verified: it only finds the pending logout. */
  readonly claimedInResponseTo: string | undefined;
}

export interface ReceivedLogoutMessage extends ClaimedLogoutMessage {
  readonly relayState: string | undefined;
  /** The message as it was signed by one of these keys. @throws BrokerError saml_refused `signature` */
  readonly verified: (certificates: readonly string[]) => XmlElement;
}

/** As the form had them: a string, nothing, or several. */
export interface PostedLogoutForm {
  readonly SAMLRequest?: unknown;
  readonly SAMLResponse?: unknown;
  readonly RelayState?: unknown;
}

/** The POST binding. @throws BrokerError saml_refused `malformed`, `too_large`, `algorithm` or `signature` */
export function readPostedLogout(form: PostedLogoutForm): ReceivedLogoutMessage {
  const { parameter, value } = onlyMessage(once(form, 'SAMLRequest'), once(form, 'SAMLResponse'));
  const relayState = once(form, 'RelayState');
  const root = gateLogout(decodeMessage(value, maxLogoutBytes), parameter);
  return {
    ...described(root, parameter),
    relayState,
    verified: (certificates) => {
      requireSaml(checkedSignature(root), 'signature', `the ${root.name} is not signed`);
      // Only what was signed is read on.
      return readXml(verifyEnveloped(root, certificates).octets, logoutLimits);
    },
  };
}

function once(form: PostedLogoutForm, name: keyof PostedLogoutForm): string | undefined {
  const value = form[name];
  if (value === undefined || typeof value === 'string') return value;
  throw samlRefusal('malformed', `${name} is twice in the form`);
}

/** @throws BrokerError saml_refused `malformed` unless there is exactly one of the two */
export function onlyMessage<T extends string>(
  request: T | undefined,
  response: T | undefined,
): { parameter: LogoutParameter; value: T } {
  if (request !== undefined && response === undefined) return { parameter: 'SAMLRequest', value: request };
  if (response !== undefined && request === undefined) return { parameter: 'SAMLResponse', value: response };
  throw samlRefusal('malformed', 'not exactly one of SAMLRequest and SAMLResponse');
}

/** Shape, before anything is believed. @throws BrokerError saml_refused `malformed` or `too_large` */
export function gateLogout(xml: string, parameter: LogoutParameter): XmlElement {
  const root = readXml(xml, logoutLimits);
  // A signature over one kind of message must not carry another.
  const isExpected = root.namespace === ns.protocol && root.name === rootNames[parameter];
  requireSaml(isExpected, 'malformed', `root is not ${rootNames[parameter]}`);
  const ids = new Set<string>();
  for (const element of walk(root)) {
    checkIds(element, ids);
    checkText(element);
    if (!isElement(element, ns.signature, 'Signature')) continue;
    requireSaml(element.parent === root, 'malformed', 'misplaced Signature');
    checkSignaturePlace(element, root);
  }
  return root;
}

/** The known facts of a message before it is verified. */
export function described(root: XmlElement, parameter: LogoutParameter): ClaimedLogoutMessage {
  return {
    kind: rootNames[parameter],
    claimedIssuer: onlyChild(root, ns.assertion, 'Issuer')?.text,
    claimedInResponseTo: attributeOf(root, 'InResponseTo'),
  };
}
