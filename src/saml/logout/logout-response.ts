// The LogoutResponse (Core §3.7.2): written in answer to an identity provider, and judged when one answers us.
import { requireSaml } from '../../errors.ts';
import { xmlAttribute, xmlInstant, xmlText } from '../../xml.ts';
import { readStatus, type Status } from '../message-header.ts';
import { ns, statusPartialLogout, statusResponder, statusSuccess } from '../names.ts';
import { attributeOf, type XmlElement } from '../xml/xml-tree.ts';
import { checkLogoutHeader, type LogoutExpectations } from './logout-request.ts';

export interface LogoutResponse {
  readonly id: string;
  readonly issueInstant: Date;
  readonly destination: string;
  readonly issuer: string;
  readonly inResponseTo: string;
  /** False: a session may go on. */
  readonly isDone: boolean;
}

export function logoutResponseXml(response: LogoutResponse): string {
  return (
    `<samlp:LogoutResponse xmlns:samlp="${ns.protocol}" xmlns:saml="${ns.assertion}"` +
    ` ID="${xmlAttribute(response.id)}" Version="2.0" IssueInstant="${xmlInstant(response.issueInstant)}"` +
    ` Destination="${xmlAttribute(response.destination)}" InResponseTo="${xmlAttribute(response.inResponseTo)}">` +
    `<saml:Issuer>${xmlText(response.issuer)}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${response.isDone ? statusSuccess : statusResponder}"/></samlp:Status>` +
    '</samlp:LogoutResponse>'
  );
}

/** How far the sign-out got: everywhere, not at every application, or not even at the identity provider. */
export type LogoutOutcome = 'complete' | 'partial' | 'failed';

/** @param message verified bytes. @throws BrokerError saml_refused */
export function validateLogoutResponse(
  message: XmlElement,
  expected: LogoutExpectations & { readonly inResponseTo: string },
  now: Date,
): { outcome: LogoutOutcome; status: Status } {
  checkLogoutHeader(message, expected, now);
  const isOurs = attributeOf(message, 'InResponseTo') === expected.inResponseTo;
  requireSaml(isOurs, 'correlation', 'InResponseTo is not the pending LogoutRequest');
  const status = readStatus(message);
  requireSaml(status.code !== '', 'malformed', 'LogoutResponse without Status');
  return { outcome: outcomeOf(status), status };
}

// Core §3.2.2.2, §3.7.3.2: PartialLogout is nested in Success or in an error.
function outcomeOf({ code, subCode }: Status): LogoutOutcome {
  if (subCode === statusPartialLogout) return 'partial';
  return code === statusSuccess ? 'complete' : 'failed';
}
