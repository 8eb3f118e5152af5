// The AuthnRequest (Core §3.4.1). No NameIDPolicy Format and, unless a step-up asks, no RequestedAuthnContext: AD FS refuses
// formats it has no rule for (MSIS7070) and contexts other than the one that Windows sign-in gives.
import { xmlAttribute, xmlInstant, xmlText } from '../xml.ts';
import { bindings, ns } from './names.ts';
import { envelopedSignature, type MessageSigner } from './sign-message.ts';

export interface AuthnRequest {
  readonly id: string;
  readonly issueInstant: Date;
  readonly destination: string;
  readonly issuer: string;
  readonly acsUrl: string;
  readonly forceAuthn: boolean;
  /** AuthnContextClassRefs of which the IdP must reach one, exactly; empty: whatever it likes. */
  readonly requestedContexts: readonly string[];
}

export function authnRequestXml(request: AuthnRequest): string {
  return parts(request).join('');
}

/** For the POST binding, which carries the signature inside the message. */
export async function signedAuthnRequestXml(request: AuthnRequest, signer: MessageSigner): Promise<string> {
  const [head, rest] = parts(request);
  return head + (await envelopedSignature(head + rest, signer)) + rest;
}

// Core §3.2.1 (schema): a Signature comes between them, behind the Issuer.
function parts(request: AuthnRequest): [head: string, rest: string] {
  const contexts = request.requestedContexts.map((uri) => samlElement('AuthnContextClassRef', uri)).join('');
  const head =
    `<samlp:AuthnRequest xmlns:samlp="${ns.protocol}" AssertionConsumerServiceURL="${xmlAttribute(request.acsUrl)}"` +
    ` Destination="${xmlAttribute(request.destination)}"${request.forceAuthn ? ' ForceAuthn="true"' : ''}` +
    ` ID="${xmlAttribute(request.id)}" IssueInstant="${xmlInstant(request.issueInstant)}"` +
    ` ProtocolBinding="${bindings.post}" Version="2.0">${samlElement('Issuer', request.issuer)}`;
  const rest =
    '<samlp:NameIDPolicy AllowCreate="true"></samlp:NameIDPolicy>' +
    (contexts === ''
      ? ''
      : `<samlp:RequestedAuthnContext Comparison="exact">${contexts}</samlp:RequestedAuthnContext>`) +
    '</samlp:AuthnRequest>';
  return [head, rest];
}

function samlElement(name: string, text: string): string {
  return `<saml:${name} xmlns:saml="${ns.assertion}">${xmlText(text)}</saml:${name}>`;
}
