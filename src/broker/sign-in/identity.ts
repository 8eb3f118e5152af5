// From an assertion to the Identity that policy reads.
import type { Identity } from '../../access/model.ts';
import { requireSaml, samlRefusal } from '../../errors.ts';
import { holdsInvisible } from '../../invisible-characters.ts';
import { quoted } from '../../quoted.ts';
import type { Assertion } from '../../saml/validate-response.ts';
import { trimSpace } from '../../saml/xml/xml-characters.ts';

export interface IdentitySource {
  readonly idp: string;
  readonly attributes: {
    readonly user: string | { readonly nameId: true };
    readonly groups: string;
    readonly displayName: string;
  };
  /** Claims that some rule reads. */
  readonly claimNames: readonly string[];
}

const maxUserLength = 256;

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
  };
}

function userOf(assertion: Assertion, { attributes }: IdentitySource): string {
  if (typeof attributes.user !== 'string') {
    const value = assertion.nameId?.value;
    if (value === undefined) throw samlRefusal('subject', 'no NameID, and the user is to be read from it');
    // Core §8.3.8: another one at each sign-in, so it names no person.
    const isTransient = assertion.nameId?.format === 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
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
    throw samlRefusal('attributes', 'not exactly one usable value of the user attribute', facts);
  }
  return value;
}
