// Reads an AuthnRequest and checks it against the relying party trust, as AD FS does before it asks for a password.

import { AdfsError } from './errors.ts';
import { authnContext, bindingPost, nameIdFormats, saml, samlp } from './names.ts';
import type { SamlMessage } from './saml-message.ts';
import type { NameId, RelyingPartyTrust } from './types.ts';
import { childOf, childrenOf } from './xml.ts';

/** What the request asks of the sign-in. */
export interface AuthnRequest {
  readonly id: string;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly nameIdPolicy: { readonly format: string | undefined; readonly spNameQualifier: string | undefined };
  readonly requestedContext: RequestedContext | undefined;
}

/** RequestedAuthnContext; `classes` is empty when only declarations were asked for. */
export interface RequestedContext {
  readonly comparison: string;
  readonly classes: readonly string[];
}

/** How the user has to sign in, and which class the assertion will name. */
export interface ChosenContext {
  readonly needsSecondFactor: boolean;
  readonly classRef: string;
}

/**
 * Reads the request.
 *
 * @throws AdfsError MSIS7012, MSIS7085 unsigned, MSIS3200 other AssertionConsumerService
 */
export function readAuthnRequest(message: SamlMessage): AuthnRequest {
  const { root, trust } = message;
  if (root.namespace !== samlp || root.name !== 'AuthnRequest') {
    throw new AdfsError('MSIS7012', `${root.name} is not a request this endpoint knows`, {
      relyingParty: trust.entityId,
    });
  }
  if (trust.requireSignedRequests === true && !message.isSigned) {
    throw new AdfsError(
      'MSIS7085',
      'the server requires a signed SAML authentication request but no signature is present',
      {
        eventId: 303,
        relyingParty: trust.entityId,
      },
    );
  }
  requireConfiguredEndpoint(message);
  const policy = childOf(root, samlp, 'NameIDPolicy');
  const context = childOf(root, samlp, 'RequestedAuthnContext');
  return {
    id: message.id,
    forceAuthn: isTrue(root.attributes.get('ForceAuthn')),
    isPassive: isTrue(root.attributes.get('IsPassive')),
    nameIdPolicy: {
      format: policy?.attributes.get('Format'),
      spNameQualifier: policy?.attributes.get('SPNameQualifier'),
    },
    requestedContext:
      context === undefined
        ? undefined
        : {
            comparison: context.attributes.get('Comparison') ?? 'exact',
            classes: childrenOf(context, saml, 'AuthnContextClassRef').map((element) => element.text.trim()),
          },
  };
}

function requireConfiguredEndpoint({ root, trust }: SamlMessage): void {
  const url = root.attributes.get('AssertionConsumerServiceURL');
  const index = root.attributes.get('AssertionConsumerServiceIndex');
  const binding = root.attributes.get('ProtocolBinding');
  const fits =
    (url === undefined || url === trust.acsUrl) &&
    (index === undefined || index === '0') &&
    (binding === undefined || binding === bindingPost);
  if (fits) return;
  const wanted = url ?? index ?? '';
  throw new AdfsError(
    'MSIS3200',
    `no AssertionConsumerService is configured on the relying party trust '${trust.entityId}' that matches '${wanted}'`,
    { relyingParty: trust.entityId },
  );
}

const passwordClasses: readonly string[] = [
  authnContext.unspecified,
  authnContext.password,
  authnContext.passwordProtectedTransport,
];
const secondFactorClasses: readonly string[] = [authnContext.multipleAuthn, authnContext.refedsMfa];

/** Which of the two sign-in methods satisfies the request (Core §3.3.2.2.1), if one does. */
export function chooseContext(requested: RequestedContext | undefined): ChosenContext | undefined {
  const password = { needsSecondFactor: false, classRef: authnContext.passwordProtectedTransport };
  if (requested === undefined) return password;
  const known = requested.classes.filter(
    (name) => passwordClasses.includes(name) || secondFactorClasses.includes(name),
  );
  const first = known[0];
  if (first === undefined) return undefined;
  const asked = { needsSecondFactor: secondFactorClasses.includes(first), classRef: first };
  if (requested.comparison === 'exact' || requested.comparison === 'minimum') {
    return first === authnContext.unspecified ? password : asked;
  }
  if (requested.comparison === 'maximum') return password;
  const asksForMoreThanPassword =
    requested.comparison === 'better' && known.every((name) => passwordClasses.includes(name));
  return asksForMoreThanPassword ? { needsSecondFactor: true, classRef: authnContext.multipleAuthn } : undefined;
}

/** Whether the NameID the trust issues satisfies NameIDPolicy (Core §3.4.1.1; MSIS7070 when not). */
export function satisfiesNameIdPolicy(
  policy: AuthnRequest['nameIdPolicy'],
  issued: NameId | undefined,
  trust: RelyingPartyTrust,
): boolean {
  if (policy.spNameQualifier !== undefined && policy.spNameQualifier !== trust.entityId) return false;
  const { format } = policy;
  return format === undefined || format === nameIdFormats.unspecified || format === issued?.format;
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
