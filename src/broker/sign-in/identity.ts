// From an assertion to the Identity that policy reads.
import type { Identity } from '../../access/model.ts';
import { requireSaml, samlRefusal } from '../../errors.ts';
import { holdsInvisible } from '../../invisible-characters.ts';
import { quoted } from '../../quoted.ts';
import type { Assertion } from '../../saml/validate-response.ts';
import { collapseSpace, trimSpace } from '../../saml/xml/xml-characters.ts';

export interface IdentitySource {
  readonly idp: string;
  readonly attributes: {
    readonly user: string | { readonly nameId: true };
    readonly groups: string;
    readonly displayName: string;
  };
  /** Claims that some rule reads. */
  readonly claimNames: readonly string[];
  /**
   * Whether AuthnInstant says when the person signed in: after our ForceAuthn, or because the configuration vouches for it.
   * Keycloak and others write the moment of the answer.
   */
  readonly isAuthnInstantKnown: boolean;
}

const maxUserLength = 256;

/** Core §8.3.8, and its name in SAML 1.1 of Shibboleth: another value at each sign-in, so it is not a person. */
const transientFormats = new Set([
  'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  'urn:mace:shibboleth:1.0:nameIdentifier',
]);

/** @throws BrokerError saml_refused `attributes` or `subject` */
export function identityFrom(assertion: Assertion, source: IdentitySource): Identity {
  const values = (name: string) => assertion.attributes.get(name) ?? [];
  const user = userOf(assertion, source);
  const claims = source.claimNames.map((name) => [name, values(name)] as const);
  return {
    idp: source.idp,
    user,
    userSource: typeof source.attributes.user === 'string' ? source.attributes.user : 'nameId',
    displayName: values(source.attributes.displayName)[0] ?? user,
    groups: [...new Set(values(source.attributes.groups))],
    claims: Object.fromEntries(claims.filter(([, found]) => found.length > 0)),
    authnContexts: assertion.authn.contexts,
    authnInstant: assertion.authn.authnInstant.getTime(),
    ...(source.isAuthnInstantKnown ? {} : { isAuthnInstantGuessed: true }),
  };
}

function userOf(assertion: Assertion, { attributes }: IdentitySource): string {
  if (typeof attributes.user !== 'string') {
    const value = assertion.nameId?.value;
    if (value === undefined) throw samlRefusal('subject', 'no NameID, and the user is to be read from it');
    const isTransient = transientFormats.has(collapseSpace(assertion.nameId?.format ?? ''));
    requireSaml(
      !isTransient,
      'attributes',
      'a transient NameID is not a user: configure an attribute or another Format',
    );
    return value;
  }
  const values = assertion.attributes.get(attributes.user) ?? [];
  const value = trimSpace(values[0] ?? '');
  if (values.length !== 1 || value.trim() === '' || value.length > maxUserLength || holdsInvisible(value)) {
    const facts = {
      attribute: quoted(attributes.user),
      values: values.length,
      received: values.slice(0, 2).map(quoted).join(', '),
    };
    const element = assertion.elementValues.get(attributes.user);
    const detail = element === undefined ? '' : `: value is an element (${element})`;
    throw samlRefusal('attributes', `not exactly one usable value of the user attribute${detail}`, facts);
  }
  return value;
}
