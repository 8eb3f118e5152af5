// The AuthnStatement: when and how the person signed in, and under which SessionIndex.
import { requireSaml, samlRefusal } from '../errors.ts';
import type { Expectations } from './expectations.ts';
import { readInstant } from './instant.ts';
import { authnMethodsReferences, ns } from './names.ts';
import { collapseSpace } from './xml/xml-characters.ts';
import { attributeOf, childrenOf, onlyChild, type XmlElement } from './xml/xml-tree.ts';

export interface AuthnStatement {
  readonly authnInstant: Date;
  /** AuthnContextClassRef and, where AD FS or Entra ID sends them, the authentication methods. */
  readonly contexts: readonly string[];
  readonly sessionIndex: string | undefined;
  readonly sessionNotOnOrAfter: Date | undefined;
}

/** @throws BrokerError saml_refused `authn_context` or `expired` */
export function readAuthnStatement(assertion: XmlElement, expected: Expectations, now: Date): AuthnStatement {
  const statements = childrenOf(assertion, ns.assertion, 'AuthnStatement');
  // Profiles §4.1.4.2: at least one. Several could disagree on when and how: refused.
  const [statement] = statements;
  if (!statement || statements.length > 1) throw samlRefusal('authn_context', 'not exactly one AuthnStatement');
  const authnInstant = readInstant(statement, 'AuthnInstant');
  if (!authnInstant) throw samlRefusal('authn_context', 'no AuthnInstant');
  const future = authnInstant.getTime() - now.getTime();
  requireSaml(future <= expected.clockSkewMs, 'authn_context', 'AuthnInstant lies in the future');
  if (expected.authenticatedAfter) {
    const early = expected.authenticatedAfter.getTime() - authnInstant.getTime();
    requireSaml(early <= expected.clockSkewMs, 'authn_context', 'an earlier sign-in was reused despite ForceAuthn');
  }
  const sessionNotOnOrAfter = readInstant(statement, 'SessionNotOnOrAfter');
  if (sessionNotOnOrAfter) {
    // Without tolerance: a session that ends at once would send the browser back and forth without end.
    const facts = { received: sessionNotOnOrAfter.toISOString(), expected: `after ${now.toISOString()}` };
    const isLive = now.getTime() < sessionNotOnOrAfter.getTime();
    requireSaml(isLive, 'expired', 'the session at the identity provider has ended', facts);
  }
  return {
    authnInstant,
    contexts: readContexts(assertion, statement),
    sessionIndex: attributeOf(statement, 'SessionIndex'),
    sessionNotOnOrAfter,
  };
}

function readContexts(assertion: XmlElement, statement: XmlElement): string[] {
  const context = onlyChild(statement, ns.assertion, 'AuthnContext');
  if (!context) throw samlRefusal('authn_context', 'no AuthnContext');
  const classRef = collapseSpace(onlyChild(context, ns.assertion, 'AuthnContextClassRef')?.text ?? '');
  // Core §2.7.2.2: a declaration may take the place of the class. It meets no rule that asks for a context.
  const isDeclared = ['AuthnContextDecl', 'AuthnContextDeclRef'].some((name) => onlyChild(context, ns.assertion, name));
  requireSaml(classRef !== '' || isDeclared, 'authn_context', 'no AuthnContextClassRef');
  const methods = childrenOf(assertion, ns.assertion, 'AttributeStatement')
    .flatMap((list) => childrenOf(list, ns.assertion, 'Attribute'))
    .filter((attribute) => attributeOf(attribute, 'Name') === authnMethodsReferences)
    .flatMap((attribute) => childrenOf(attribute, ns.assertion, 'AttributeValue'))
    // As in attributes.ts: text around markup never joins to a method that the IdP did not state.
    .filter((value) => value.children.length === 0)
    .map((value) => collapseSpace(value.text))
    .filter((method) => method !== '');
  return [...new Set([...(classRef === '' ? [] : [classRef]), ...methods])];
}
