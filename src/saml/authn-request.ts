// The AuthnRequest (Core §3.4.1). No NameIDPolicy Format and, unless a step-up asks, no RequestedAuthnContext: AD FS
// refuses formats it has no rule for (MSIS7070) and contexts other than the one that Windows sign-in gives.
import { xmlAttribute, xmlInstant, xmlText } from '../xml.ts';
import { bindings, ns } from './names.ts';

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
  const contexts = request.requestedContexts
    .map((uri) => `<saml:AuthnContextClassRef>${xmlText(uri)}</saml:AuthnContextClassRef>`)
    .join('');
  return (
    `<samlp:AuthnRequest xmlns:samlp="${ns.protocol}" xmlns:saml="${ns.assertion}"` +
    ` ID="${xmlAttribute(request.id)}" Version="2.0" IssueInstant="${xmlInstant(request.issueInstant)}"` +
    ` Destination="${xmlAttribute(request.destination)}"` +
    (request.forceAuthn ? ' ForceAuthn="true"' : '') +
    ` ProtocolBinding="${bindings.post}" AssertionConsumerServiceURL="${xmlAttribute(request.acsUrl)}">` +
    `<saml:Issuer>${xmlText(request.issuer)}</saml:Issuer><samlp:NameIDPolicy AllowCreate="true"/>` +
    (contexts === ''
      ? ''
      : `<samlp:RequestedAuthnContext Comparison="exact">${contexts}</samlp:RequestedAuthnContext>`) +
    '</samlp:AuthnRequest>'
  );
}
